package io.simmim.pipeline.job;

import io.simmim.pipeline.run.folder.ScratchFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.trainer.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.JobException;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.apache.flink.util.ExceptionUtils;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;

/** What Flink in this process keeps on disk. It is removed when the process is about to end. */
final class ProcessScratch {
  /** Where Snappy unpacks its library, for each process; it compresses checkpoints. */
  private static final String SNAPPY = "org.xerial.snappy.tempdir";

  /** More than its library. */
  private static final int SNAPPY_BYTES = 1 << 20;

  private static ScratchFolder files;

  /** For libraries, where none may run among the files; else null. */
  private static ScratchFolder libraries;

  private static RpcSystem rpcSystem;

  private ProcessScratch() {}

  /**
   * A folder for files of any kind, made with the first call.
   *
   * @throws UserError if it cannot be made, or if there is no place for libraries
   */
  static synchronized Path files() {
    if (files == null) {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      files = ScratchFolder.create(temporary);
      if (System.getProperty(SNAPPY) == null) {
        Path folder = forLibraries(temporary);
        requireRoom(folder);
        System.setProperty(SNAPPY, folder.toString());
      }
      loadSnappy();
    }
    return files.path();
  }

  /**
   * What the parts of Flink call each other with, loaded with the first call: each one unpacks a
   * jar of 22 MB and loads some 1,800 classes, so all clusters of this process share it.
   */
  static synchronized RpcSystem rpcSystem() {
    if (rpcSystem == null) {
      rpcSystem = RpcSystem.load(new Configuration().set(CoreOptions.TMP_DIRS, files().toString()));
    }
    return rpcSystem;
  }

  /** While there is room for it, and before a step was taken that no checkpoint can save. */
  private static void loadSnappy() {
    try {
      Snappy.maxCompressedLength(0);
    } catch (LinkageError | SnappyError e) {
      throw new UserError(
          "the library that compresses checkpoints cannot be loaded from %s (TMPDIR names another folder): %s"
              .formatted(System.getProperty(SNAPPY), e.getMessage()),
          e);
    }
  }

  /** Where there is none, Snappy prints a stack trace, and then says something else. */
  static void requireRoom(Path folder) {
    Path file = folder.resolve("room");
    try {
      Files.write(file, new byte[SNAPPY_BYTES]);
      Files.delete(file);
    } catch (IOException e) {
      throw noRoom(folder.getParent(), StorageFailure.reason(e), e);
    }
  }

  private static UserError noRoom(Path folder, String reason, Exception cause) {
    return new UserError(
        "there is no room for temporary files in %s (TMPDIR names another folder): %s"
            .formatted(folder, reason),
        cause);
  }

  private static Path forLibraries(Path temporary) {
    if (!files.forbidsPrograms()) {
      return files.path();
    }
    Path others = TorchRuntime.libraries();
    try {
      Files.createDirectories(others);
      libraries = ScratchFolder.create(others);
    } catch (IOException | UserError e) {
      throw nowhere(temporary, others, e);
    }
    if (libraries.forbidsPrograms()) {
      throw nowhere(temporary, others, null);
    }
    return libraries.path();
  }

  private static UserError nowhere(Path temporary, Path others, Exception why) {
    return new UserError(
        "libraries cannot be loaded from %s, whose file system is mounted so that no program runs there (noexec), nor from %s: TMPDIR names another folder"
            .formatted(temporary, others),
        why);
  }

  /** A failure to start, with what to do about it where there is no room for temporary files. */
  static Exception explained(Exception failure) {
    Optional<String> full = StorageFailure.full(failure);
    boolean ofJob = ExceptionUtils.findThrowable(failure, JobException.class).isPresent();
    return full.isPresent() && !ofJob
        ? noRoom(Path.of(System.getProperty("java.io.tmpdir")), full.get(), failure)
        : failure;
  }

  static synchronized void remove() {
    for (ScratchFolder folder : new ScratchFolder[] {files, libraries}) {
      if (folder != null) {
        folder.close();
      }
    }
    files = null;
    libraries = null;
    rpcSystem = null; // not closed: threads of a cluster that was stopped may still need it
  }
}
