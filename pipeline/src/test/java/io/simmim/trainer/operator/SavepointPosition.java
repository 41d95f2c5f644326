package io.simmim.trainer.operator;

import io.simmim.trainer.operator.StateElement.Header;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.CompressibleFSDataInputStream;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;

/**
 * Where in training a savepoint was taken, as the state in its files says. In this package because
 * nothing outside it has any business with the elements of the state.
 *
 * @param microBatches micro-batches consumed since the beginning of the run
 * @param gradients accumulated gradients in the state
 */
public record SavepointPosition(long microBatches, long gradients) {
  /** Reads the files of a savepoint or checkpoint. */
  public static SavepointPosition read(Path savepoint) throws IOException {
    CheckpointMetadata metadata;
    try (InputStream in = Files.newInputStream(savepoint.resolve("_metadata"))) {
      metadata =
          Checkpoints.loadCheckpointMetadata(
              new DataInputStream(new BufferedInputStream(in)),
              SavepointPosition.class.getClassLoader(),
              savepoint.toString());
    }
    return metadata.getOperatorStates().stream()
        .flatMap(operator -> operator.getStates().stream())
        .map(OperatorSubtaskState::getManagedOperatorState)
        .flatMap(Collection::stream)
        .filter(
            handle ->
                handle.getStateNameToPartitionOffsets().containsKey(TrainingOperator.STATE_NAME))
        .findFirst()
        .map(SavepointPosition::read)
        .orElseThrow(() -> new AssertionError("no training state in " + savepoint));
  }

  private static SavepointPosition read(OperatorStateHandle handle) {
    try (FSDataInputStream file = handle.openInputStream()) {
      // As Flink reads it: a description of the states first, then their elements, compressed.
      new OperatorBackendSerializationProxy(SavepointPosition.class.getClassLoader())
          .read(new DataInputViewStreamWrapper(file));
      FSDataInputStream in =
          new CompressibleFSDataInputStream(file, SnappyStreamCompressionDecorator.INSTANCE);
      var elements = handle.getStateNameToPartitionOffsets().get(TrainingOperator.STATE_NAME);
      for (long offset : elements.getOffsets()) {
        in.seek(offset);
        StateElement element =
            StateElementSerializer.INSTANCE.deserialize(new DataInputViewStreamWrapper(in));
        if (element instanceof Header header) {
          return new SavepointPosition(
              header.progress().microBatches(),
              header.tensors().stream()
                  .filter(tensor -> tensor.name().startsWith("grad/"))
                  .count());
        }
        if (element instanceof StateElement.TensorPiece piece) {
          piece.bytes().free();
        }
      }
      throw new AssertionError("no header in the training state");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
