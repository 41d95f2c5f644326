package io.simmim.trainer.operator.weights;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.operator.OperatorRun;
import io.simmim.trainer.operator.TestRuns;
import io.simmim.trainer.operator.TrainingOperatorConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class InitializedLearnersTest {
  private static final TrainerConfig TRAINER = TestRuns.trainer();

  @TempDir Path folder;
  private Path weights;
  private double loss;

  /** A model of another seed, and its loss on what comes first. */
  @BeforeEach
  void exportAnotherModel() throws IOException {
    TrainerConfig other =
        new TrainerConfig(
            TRAINER.model(),
            TRAINER.colors(),
            TRAINER.optimizer(),
            TRAINER.precision(),
            1,
            "cpu",
            99);
    try (TrainingModel model = TrainingModel.create(other);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(other).write(new org.apache.flink.core.fs.Path(folder.toUri()), snapshot);
    }
    weights = folder.resolve("model.safetensors");
    // What is dropped depends on the run's seed, not on that of the model.
    try (TrainingModel model = begin(config("out").initial())) {
      loss = firstLoss(model);
    }
  }

  private static TrainingModel begin(WeightsReference reference) throws IOException {
    return (TrainingModel)
        new InitializedLearners(reference, LearnerConfig::create)
            .create(TRAINER, new InitialState.Random());
  }

  private static double firstLoss(TrainingModel model) {
    return model.accumulateNow(MicroBatch.of(chunks(0, 2)), 0, 1);
  }

  @Test
  void beginsWithTheGivenWeightsByteForByte() throws Exception {
    try (TrainingModel model = begin(config("out").initial());
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      Path again = folder.resolve("again");
      new ModelWriter(TRAINER).write(new org.apache.flink.core.fs.Path(again.toUri()), snapshot);

      assertThat(again.resolve("model.safetensors")).hasSameBinaryContentAs(weights);
    }
    try (TrainingModel drawn = TrainingModel.create(TRAINER)) {
      assertThat(firstLoss(drawn)).isNotEqualTo(loss);
    }
  }

  @Test
  void resumesToTheSameBytesWithoutTheFile() throws Exception {
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config("undisturbed"), LearnerConfig::create)) {
      run.finishFrom(0);
    }
    try (OperatorRun run = OperatorRun.start(config("resumed"), LearnerConfig::create)) {
      state = run.feed(chunks(0, 8)).checkpoint(1);
    }
    TrainingOperatorConfig config = config("resumed");
    Files.delete(weights);
    try (OperatorRun run = OperatorRun.resume(config, LearnerConfig::create, state)) {
      run.finishFrom(8);
    }

    Path undisturbed = folder.resolve("undisturbed/model");
    Path resumed = folder.resolve("resumed/model");
    assertThat(resumed.resolve("model.safetensors"))
        .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
    assertThat(resumed.resolve("config.json"))
        .hasSameBinaryContentAs(undisturbed.resolve("config.json"))
        .content()
        .contains("\"init_from\" : \"" + config.initial().digest() + "\"");
  }

  @Test
  void refusesAFileThatIsAnotherOneNow() throws Exception {
    TrainingOperatorConfig config = config("out");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);

    assertThatThrownBy(() -> OperatorRun.start(config, LearnerConfig::create).close())
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(
            "init-from is not what it was when the run was prepared: %s (%s then)",
            config.initial().uri(), config.initial().digest());
  }

  @Test
  void saysThatTheFileCannotBeReadWhereTheModelIsTrained() throws Exception {
    TrainingOperatorConfig config = config("out");
    Files.delete(weights);

    assertThatThrownBy(() -> OperatorRun.start(config, LearnerConfig::create).close())
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessageStartingWith(
            "init-from cannot be read where the model is trained: %s (", config.initial().uri());
  }

  private TrainingOperatorConfig config(String output) throws IOException {
    TrainingOperatorConfig base = TestRuns.config(folder.resolve(output));
    return new TrainingOperatorConfig(
        TRAINER,
        new WeightsReference(weights.toUri().toString(), Sha256.hex(Files.readAllBytes(weights))),
        base.plan(),
        base.schedule(),
        base.decaySteps(),
        base.output(),
        base.export(),
        base.copies(),
        base.histograms(),
        base.rejectionLimit(),
        base.windowChunks(),
        base.identity());
  }
}
