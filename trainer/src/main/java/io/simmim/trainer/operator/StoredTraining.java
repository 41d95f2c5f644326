package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.trainer.loop.SavedTraining;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.operator.StateElement.Damaged;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import io.simmim.trainer.state.TrainingPlatform;
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
public final class StoredTraining implements SavedTraining {
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
        elements.add(element(part, offset));
      }
    }
    return new StoredTraining(RestoredState.of(elements));
  }

  /**
   * How many steps are complete in a state; as much of it is read as tells that.
   *
   * @param parts as {@link #read} takes them
   * @throws io.simmim.schemas.UserError if what tells it is missing or damaged
   */
  public static long steps(List<Elements> parts) throws IOException {
    for (Elements part : parts) {
      for (long offset : part.offsets()) {
        StateElement element = element(part, offset);
        if (element instanceof Header header) {
          return header.steps();
        } else if (element instanceof Damaged found) {
          throw RestoredState.damaged(found.reason());
        } else if (element instanceof TensorPiece piece) {
          piece.bytes().free();
        }
      }
    }
    throw RestoredState.damaged("it has no header");
  }

  private static StateElement element(Elements part, long offset) throws IOException {
    part.file().seek(offset);
    return StateElementSerializer.INSTANCE.deserialize(new DataInputViewStreamWrapper(part.file()));
  }

  /**
   * Checks that a run may go on from it.
   *
   * @throws io.simmim.schemas.UserError that names what differs
   */
  public void requireContinuable(TrainingOperatorConfig run) {
    new CheckpointState(run).requireContinuable(state.header());
  }

  /**
   * Full key of the configuration to the value that the run has, as far as its results depend on
   * it.
   */
  public Map<String, String> configuration() {
    return state.header().identity().values();
  }

  @Override
  public TrainingProgress progress() {
    return state.progress();
  }

  @Override
  public TrainingPlatform platform() {
    return state.platform();
  }

  @Override
  public long[] rejectedIds() {
    return state.rejectedIds();
  }

  @Override
  public List<RejectedImage> firstRejected() {
    return state.firstRejected();
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
