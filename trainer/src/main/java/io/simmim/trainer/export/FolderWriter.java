package io.simmim.trainer.export;

import io.simmim.schemas.storage.FolderContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Map;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.core.fs.RecoverableWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes files into a folder, one after the other. Each appears whole or not at all.
 *
 * <p>Where the file system has a recoverable writer (local, HDFS, S3, GCS, ABFS) the file appears
 * with its commit: a rename, or the completion of an upload. Elsewhere it is renamed.
 */
public final class FolderWriter {
  private static final Logger LOG = LoggerFactory.getLogger(FolderWriter.class);

  private FolderWriter() {}

  /** What a file holds. */
  public interface Content {
    void writeTo(OutputStream target) throws IOException;
  }

  /**
   * Writes files, and creates the folder where there is none.
   *
   * @param contents what each file holds, by its name, in the order in which they are written
   */
  public static void write(Path folder, Map<String, Content> contents) throws IOException {
    FileSystem files = folder.getFileSystem();
    if (!files.mkdirs(folder)) {
      throw new IOException("cannot create the folder " + folder);
    }
    try {
      for (Map.Entry<String, Content> file : contents.entrySet()) {
        writeFile(files, new Path(folder, file.getKey()), file.getValue());
      }
    } catch (Throwable e) { // whatever it is, it is the reason
      try {
        removePartialFiles(files, folder, contents);
      } catch (IOException | RuntimeException cleaning) {
        e.addSuppressed(cleaning);
      }
      throw e;
    }
    try {
      removePartialFiles(files, folder, contents);
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot remove what an earlier export may have left unfinished in {}", folder, e);
    }
  }

  private static void writeFile(FileSystem files, Path path, Content content) throws IOException {
    RecoverableWriter writer;
    try {
      writer = files.createRecoverableWriter();
    } catch (UnsupportedOperationException e) {
      writeAndRename(files, path, content); // this file system has none
      return;
    }
    RecoverableFsDataOutputStream.Committer commit = closedForCommit(writer.open(path), content);
    if (files.isDistributedFS()) {
      files.delete(path, false); // HDFS does not rename onto a file
    }
    commit.commit();
  }

  /** Writes the content; the stream is closed once, as that of S3 refuses to be closed again. */
  private static RecoverableFsDataOutputStream.Committer closedForCommit(
      RecoverableFsDataOutputStream target, Content content) throws IOException {
    try {
      content.writeTo(interruptible(target));
      return target.closeForCommit();
    } catch (IOException | RuntimeException e) {
      try {
        target.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private static void writeAndRename(FileSystem files, Path path, Content content)
      throws IOException {
    Path partial = new Path(path.getParent(), "." + path.getName() + ".inprogress");
    try (FSDataOutputStream target = files.create(partial, FileSystem.WriteMode.OVERWRITE)) {
      content.writeTo(interruptible(target));
    }
    files.delete(path, false);
    if (!files.rename(partial, path)) {
      throw new IOException("cannot rename %s to %s".formatted(partial, path));
    }
  }

  /** A cancelled task must not wait for the upload of a large model. */
  private static OutputStream interruptible(OutputStream target) {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        target.write(value);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("the export was cancelled");
        }
        target.write(bytes, offset, length);
      }
    };
  }

  /** Removes what this export, or one that was killed, left unfinished. */
  private static void removePartialFiles(
      FileSystem files, Path folder, Map<String, Content> contents) throws IOException {
    for (FileStatus child : FolderContent.of(folder)) {
      String name = child.getPath().getName();
      if (contents.keySet().stream().anyMatch(file -> name.startsWith("." + file))) {
        files.delete(child.getPath(), false);
      }
    }
  }
}
