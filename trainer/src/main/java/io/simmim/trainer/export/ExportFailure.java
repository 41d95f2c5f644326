package io.simmim.trainer.export;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * An export that could not be written, for people.
 *
 * @param export what should have been written
 * @param cause why it was not
 */
public record ExportFailure(ModelExport export, Throwable cause) {
  public String message() {
    return "cannot write the model to %s: %s".formatted(export.folder(), reason());
  }

  /**
   * The exception that ends the job. On a local disk, which is full or read-only, trying again does
   * not help; object storage may be back when Flink restarts the job.
   */
  public Exception toException() {
    if (isLocal()) {
      boolean full = StorageFailure.full(cause).isPresent();
      String remedy = full ? StorageFailure.MAKE_ROOM : StorageFailure.MEND;
      return new SuppressRestartsException(new UserError(message() + "; " + remedy, cause));
    }
    return new IOException(message(), cause);
  }

  private boolean isLocal() {
    try {
      FileSystem files = export.folder().getFileSystem();
      return !files.isDistributedFS();
    } catch (IOException e) {
      return false; // not even reachable: the cause says more
    }
  }

  private String reason() {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof FileSystemException e && e.getReason() != null) {
      return e.getReason();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
