package io.simmim.pipeline.run.folder;

import static io.simmim.pipeline.run.folder.RestorePoint.firstLine;
import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.source.SourceCheckpoint;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.StoredTraining;
import io.simmim.trainer.operator.StoredTraining.Elements;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.CompressibleFSDataInputStream;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.util.IOUtils;

/**
 * The states in a checkpoint or savepoint, read without a job.
 *
 * @param path its folder
 */
record PointStates(Path path) {
  /** What training is read as. */
  private interface TrainingReader<T> {
    T read(List<Elements> parts) throws IOException;
  }

  /**
   * What it says of the images.
   *
   * @throws UserError if that cannot be read
   */
  SourceCheckpoint source() {
    try {
      return source(metadata())
          .orElseThrow(
              () -> new UserError("the checkpoint is not one of this job: " + readable(path)));
    } catch (IOException e) {
      throw new UserError(
          "cannot read checkpoint %s: %s".formatted(readable(path), firstLine(e)), e);
    }
  }

  /**
   * What metadata says of the images; nothing if it is not of a job of ours, or of one at its end.
   *
   * @throws UserError if that cannot be read
   */
  static Optional<SourceCheckpoint> source(CheckpointMetadata metadata) {
    for (OperatorState operator : metadata.getOperatorStates()) {
      ByteStreamStateHandle state = operator.getCoordinatorState();
      if (state != null && state.getData().length > 0) { // that of the lease keeps nothing
        return Optional.of(SourceCheckpoint.parse(state.getData()));
      }
    }
    return Optional.empty();
  }

  /**
   * What it says of training.
   *
   * @return to be closed
   * @throws UserError if that cannot be read
   */
  StoredTraining training() {
    return readTraining(StoredTraining::read);
  }

  /**
   * How many steps of training are complete in it.
   *
   * @throws UserError if that cannot be read
   */
  long steps() {
    return readTraining(StoredTraining::steps);
  }

  private <T> T readTraining(TrainingReader<T> reader) {
    List<Elements> parts = new ArrayList<>();
    try {
      for (OperatorState operator : metadata().getOperatorStates()) {
        for (OperatorSubtaskState subtask : operator.getStates()) {
          for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
            StateMetaInfo found =
                handle.getStateNameToPartitionOffsets().get(StoredTraining.STATE_NAME);
            if (found != null) {
              parts.add(new Elements(values(handle), found.getOffsets()));
            }
          }
        }
      }
      if (parts.isEmpty()) {
        throw new UserError("the checkpoint is not one of this job: " + readable(path));
      }
      return reader.read(parts);
    } catch (IOException e) {
      throw new UserError(
          "cannot read checkpoint %s: %s".formatted(readable(path), firstLine(e)), e);
    } finally {
      parts.forEach(part -> IOUtils.closeQuietly(part.file()));
    }
  }

  /** The values, as Flink reads them: compressed, if the header before them says so. */
  private static FSDataInputStream values(OperatorStateHandle handle) throws IOException {
    FSDataInputStream file = handle.openInputStream();
    try {
      DataInputViewStreamWrapper header = new DataInputViewStreamWrapper(file);
      int version = header.readInt();
      boolean compressed =
          version >= OperatorBackendSerializationProxy.VERSION && header.readBoolean();
      file.seek(0);
      new OperatorBackendSerializationProxy(PointStates.class.getClassLoader()).read(header);
      return compressed
          ? new CompressibleFSDataInputStream(file, SnappyStreamCompressionDecorator.INSTANCE)
          : file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * What is kept in {@code _metadata}.
   *
   * @throws IOException also if it claims to hold more than the heap does, as damaged ones may
   */
  CheckpointMetadata metadata() throws IOException {
    try (InputStream in = path.getFileSystem().open(new Path(path, RestorePoint.METADATA))) {
      return Checkpoints.loadCheckpointMetadata(
          new DataInputStream(new BufferedInputStream(in)),
          PointStates.class.getClassLoader(),
          path.toString());
    } catch (OutOfMemoryError e) {
      throw new IOException("it claims to hold more than the heap has room for", e);
    }
  }
}
