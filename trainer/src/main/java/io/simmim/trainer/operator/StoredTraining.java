package io.simmim.trainer.operator;

import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;

/**
 * The training state of a checkpoint or savepoint, read from its files without a job.
 *
 * <p>Holds native memory until closed.
 */
public final class StoredTraining implements StateReader, AutoCloseable {
  /** Name of the operator state that is read here. */
  public static final String STATE_NAME = TrainingOperator.STATE_NAME;

  private final RestoredState state;

  private StoredTraining(RestoredState state) {
    this.state = state;
  }

  /**
   * Elements of a state in one file.
   *
   * @param file the caller closes it
   * @param offsets where each element begins
   */
  public record Elements(FSDataInputStream file, long[] offsets) {}

  /**
   * Reads a state.
   *
   * @param parts all of its elements, in any order
   * @throws io.simmim.schemas.UserError if something is missing or damaged
   */
  public static StoredTraining read(List<Elements> parts) throws IOException {
    List<StateElement> elements = new ArrayList<>();
    for (Elements part : parts) {
      for (long offset : part.offsets()) {
        part.file().seek(offset);
        elements.add(
            StateElementSerializer.INSTANCE.deserialize(
                new DataInputViewStreamWrapper(part.file())));
      }
    }
    return new StoredTraining(RestoredState.of(elements));
  }

  /**
   * Full key of the configuration to the value that the run has, as far as its results depend on
   * it.
   */
  public Map<String, String> configuration() {
    return state.header().identity().values();
  }

  @Override
  public List<TensorSpec> tensors() {
    return state.tensors();
  }

  @Override
  public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
    state.read(tensor, byteOffset, into);
  }

  @Override
  public void close() {
    state.close();
  }
}
