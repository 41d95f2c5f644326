package io.simmim.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.timing.DataWait;
import io.simmim.trainer.device.Classifier;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights and accuracy of the best model belong together, whatever cannot be written. */
class ValidationListenerTest {
  /** Of ten images that many are right after each epoch, whose number is its weight. */
  private static final int[] RIGHT = {5, 7, 6, 8};

  private static final BatchPlan PLAN = new BatchPlan(4, RIGHT.length, 4, 1, 4);

  @TempDir private Path output;
  private int epoch;
  private boolean full;

  /** What a run leaves whose exports fail while the disk is full. */
  private void run(int firstEpoch, int... fullAfter) throws Exception {
    try (ModelExporter exporter = new ModelExporter(new ModelWriter(config()), 0, new Nobody())) {
      ValidationListener listener =
          new ValidationListener(
              PLAN,
              "file:" + output,
              (model, number, step) -> accuracy(number),
              exporter,
              measured -> {});
      listener.begun(firstEpoch, model());
      for (epoch = firstEpoch; epoch < RIGHT.length; epoch++) {
        full = IntStream.of(fullAfter).anyMatch(number -> number == epoch);
        listener.stepDone(metrics(), model());
        exporter.awaitIdle();
      }
    }
  }

  private static EpochAccuracy accuracy(int number) {
    return new EpochAccuracy(number, number + 1, RIGHT[number], 10, 10, 1, 0);
  }

  private StepMetrics metrics() {
    return new StepMetrics(epoch + 1, epoch, 4L * (epoch + 1), 4, 1, 1, 1, 1, DataWait.NONE, 0, 0);
  }

  private static LearnerConfig config() {
    return (LearnerConfig)
        Proxy.newProxyInstance(
            LearnerConfig.class.getClassLoader(),
            new Class<?>[] {LearnerConfig.class},
            (proxy, method, arguments) -> new ObjectMapper().createObjectNode());
  }

  private Learner model() {
    return (Learner)
        Proxy.newProxyInstance(
            Learner.class.getClassLoader(),
            new Class<?>[] {Learner.class, Classifier.class},
            (proxy, method, arguments) -> new OneWeight(epoch, full));
  }

  private record OneWeight(int value, boolean full) implements StateSnapshot {
    @Override
    public List<TensorSpec> tensors() {
      return List.of(new TensorSpec("param/w", List.of(1L)));
    }

    @Override
    public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
      if (full) {
        throw new IOException("No space left on device");
      }
      into.put(
          ByteBuffer.allocate(Float.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putFloat(value)
              .flip()
              .slice((int) byteOffset, into.remaining()));
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  private static final class Nobody implements ModelExporter.Owner {
    @Override
    public void started(ModelExport export) {
      // Nobody waits.
    }

    @Override
    public void ended(ModelExport export, Duration duration, Optional<Throwable> failure) {
      // Nobody waits.
    }
  }

  private void requireBest(int number) throws IOException {
    Path best = output.resolve("model-best");
    byte[] weights = Files.readAllBytes(best.resolve("model.safetensors"));
    assertThat(ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).getFloat(weights.length - 4))
        .isEqualTo(number);
    assertThat(NotedAccuracy.read(new org.apache.flink.core.fs.Path("file:" + best)))
        .map(EpochAccuracy::epoch)
        .contains(number);
    try (var files = Files.list(best)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void keepsTheBest() throws Exception {
    run(0);

    requireBest(3);
  }

  @Test
  void keepsTheBestThatIsThereWhenABetterOneCannotBeWritten() throws Exception {
    run(0, 3);

    requireBest(1);
  }

  /** It is better than what is there, though not than what could not be written. */
  @Test
  void takesWhatIsBetterThanWhatIsThere() throws Exception {
    run(0, 1, 3);

    requireBest(2);
  }

  /** As of a process that was killed between the two files. */
  @Test
  void takesNoNotesForAModelWithoutWeights() throws Exception {
    run(0, 3);
    Files.delete(output.resolve("model-best/model.safetensors"));
    assertThat(
            NotedAccuracy.read(new org.apache.flink.core.fs.Path("file:" + output + "/model-best")))
        .isEmpty();

    run(2, 3);
    requireBest(2);
  }
}
