package io.simmim.trainer.export;

import io.simmim.schemas.storage.FolderContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
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
 * Writes files into a folder. Each appears whole or not at all, and none before all are written: so
 * what was there stays if one cannot be. The last one is what tells that a folder is complete. If
 * it was there, it goes before the others appear, and comes back after them.
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
   * @param contents what each file holds, by its name, in the order in which they are to appear
   */
  public static void write(Path folder, Map<String, Content> contents) throws IOException {
    FileSystem files = folder.getFileSystem();
    if (!files.mkdirs(folder)) {
      throw new IOException("cannot create the folder " + folder);
    }
    try {
      List<Commit> commits = new ArrayList<>();
      Path last = folder;
      for (Map.Entry<String, Content> file : contents.entrySet()) {
        last = new Path(folder, file.getKey());
        commits.add(written(files, last, file.getValue()));
      }
      if (commits.size() > 1) {
        files.delete(last, false);
      }
      for (Commit commit : commits) {
        commit.run();
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

  /** Makes a file that is written appear. */
  private interface Commit {
    void run() throws IOException;
  }

  private static Commit written(FileSystem files, Path path, Content content) throws IOException {
    RecoverableWriter writer;
    try {
      writer = files.createRecoverableWriter();
    } catch (UnsupportedOperationException e) {
      return writtenBeside(files, path, content); // this file system has none
    }
    RecoverableFsDataOutputStream.Committer committer = closedForCommit(writer.open(path), content);
    return () -> {
      if (files.isDistributedFS()) {
        files.delete(path, false); // HDFS does not rename onto a file
      }
      committer.commit();
    };
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

  private static Commit writtenBeside(FileSystem files, Path path, Content content)
      throws IOException {
    Path partial = new Path(path.getParent(), "." + path.getName() + ".inprogress");
    try (FSDataOutputStream target = files.create(partial, FileSystem.WriteMode.OVERWRITE)) {
      content.writeTo(interruptible(target));
    }
    return () -> {
      files.delete(path, false);
      if (!files.rename(partial, path)) {
        throw new IOException("cannot rename %s to %s".formatted(partial, path));
      }
    };
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

  /**
   * Whether a name is one of what is written of a file before that is whole.
   *
   * @param file name of the whole one
   */
  public static boolean isPartial(String name, String file) {
    return name.startsWith("." + file + ".");
  }

  /** Removes what this export, or one that was killed, left unfinished. */
  private static void removePartialFiles(
      FileSystem files, Path folder, Map<String, Content> contents) throws IOException {
    for (FileStatus child : FolderContent.of(folder)) {
      String name = child.getPath().getName();
      if (contents.keySet().stream().anyMatch(file -> isPartial(name, file))) {
        files.delete(child.getPath(), false);
      }
    }
  }
}
