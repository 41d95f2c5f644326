package io.simmim.trainer.export;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.core.fs.RecoverableWriter;

/**
 * Writes a model's two files into a folder. Each appears whole or not at all, the weights last, so
 * a folder with weights is complete. Their bytes depend on the weights and the configuration alone.
 *
 * <p>Where the file system has a recoverable writer (local, HDFS, S3, GCS, ABFS) the file appears
 * with its commit: a rename, or the completion of an upload. Elsewhere it is renamed.
 */
public final class ModelWriter {
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  /** Digest of the file that the training began with, if it began with one. */
  private static final String INITIAL = "init_from";

  private final TrainerConfig config;
  private final WeightsReference initial;

  /** Writes models that began with drawn parameters. */
  public ModelWriter(TrainerConfig config) {
    this(config, null);
  }

  /**
   * Writes models.
   *
   * @param initial what they began with; null = drawn parameters
   */
  public ModelWriter(TrainerConfig config, WeightsReference initial) {
    this.config = config;
    this.initial = initial;
  }

  /** What a file holds. */
  private interface Content {
    void writeTo(OutputStream target) throws IOException;
  }

  /** Writes the parameters of a state. */
  public void write(Path folder, StateReader source) throws IOException {
    FileSystem files = folder.getFileSystem();
    if (!files.mkdirs(folder)) {
      throw new IOException("cannot create the folder " + folder);
    }
    try {
      byte[] json = configJson();
      writeFile(files, new Path(folder, ModelPaths.CONFIG), target -> target.write(json));
      writeFile(
          files,
          new Path(folder, ModelPaths.WEIGHTS),
          target -> SafetensorsWriter.writeParameters(source, METADATA, target));
    } finally {
      removePartialFiles(files, folder);
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
  private static void removePartialFiles(FileSystem files, Path folder) throws IOException {
    for (FileStatus child : FolderContent.of(folder)) {
      String name = child.getPath().getName();
      if (name.startsWith("." + ModelPaths.WEIGHTS) || name.startsWith("." + ModelPaths.CONFIG)) {
        files.delete(child.getPath(), false);
      }
    }
  }

  byte[] configJson() throws IOException {
    ObjectNode json = new ModelDescription(config.model(), config.colors()).json();
    if (initial != null) {
      json.put(INITIAL, initial.digest());
    }
    ObjectMapper mapper = new ObjectMapper();
    DefaultPrettyPrinter lines =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    return (mapper.writer(lines).writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
