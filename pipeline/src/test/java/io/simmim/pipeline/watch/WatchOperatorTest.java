package io.simmim.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.mask.NoMask;
import io.simmim.pipeline.OperatorAttempt;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import io.simmim.schemas.evaluation.ModelCopySerializer;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.evaluation.ModelFindingsSerializer;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In Flink's test harness, with copies of which everything was found before. */
@Timeout(60)
class WatchOperatorTest {
  private static final ModelCopy PICTURE = new ModelCopy(20, 1, true, false, Stage.DUE);
  private static final ModelCopy MEASURED = new ModelCopy(30, 1, false, true, Stage.DUE);
  private static final ModelFindings PICTURE_FOUND =
      new ModelFindings(20, 1, true, Optional.empty(), "");
  private static final ModelFindings MEASURED_FOUND =
      new ModelFindings(
          30,
          1,
          false,
          Optional.of(new FeatureQuality(List.of(), 2.5, 192, 512, Optional.empty())),
          "");

  @TempDir Path output;

  private OperatorAttempt<ModelCopy, ModelFindings> attempt() throws Exception {
    return attempt(output.toUri().toString());
  }

  private OperatorAttempt<ModelCopy, ModelFindings> attempt(String seenAs) throws Exception {
    Files.createDirectories(output.resolve("pictures"));
    Files.write(output.resolve("pictures/step-20.png"), new byte[1]);
    Files.createDirectories(output.resolve("beside"));
    Files.write(output.resolve("beside/found-30"), bytes(MEASURED_FOUND));
    SimmimConfig config = new ConfigLoader().load().config();
    return OperatorAttempt.of(
        new OneInputStreamOperatorTestHarness<>(
            new Watching(
                new WatchConfig(
                    seenAs,
                    config.image(),
                    config.fetch(),
                    new NoMask(6),
                    0,
                    0,
                    "cpu",
                    new WatchedImages(null, null, null, null)),
                GpuLoss.ENDS_PROCESS),
            ModelCopySerializer.INSTANCE),
        ModelFindingsSerializer.INSTANCE);
  }

  private static byte[] bytes(ModelFindings findings) throws IOException {
    DataOutputSerializer bytes = new DataOutputSerializer(64);
    ModelFindingsSerializer.INSTANCE.serialize(findings, bytes);
    return bytes.getCopyOfBuffer();
  }

  private OperatorSubtaskState stateWith(ModelCopy... copies) throws Exception {
    try (OperatorAttempt<ModelCopy, ModelFindings> attempt = attempt()) {
      attempt.harness().open();
      attempt.take(copies);
      return attempt.harness().snapshot(1, 1);
    }
  }

  private List<ModelFindings> foundAfter(OperatorSubtaskState state) throws Exception {
    try (OperatorAttempt<ModelCopy, ModelFindings> attempt = attempt()) {
      attempt.harness().initializeState(state);
      attempt.harness().open();
      attempt.harness().endInput();
      return attempt.harness().extractOutputValues();
    }
  }

  @Test
  void looksAtWhatIsLeftBeforeItEnds() throws Exception {
    try (OperatorAttempt<ModelCopy, ModelFindings> attempt = attempt()) {
      attempt.harness().open();
      attempt.take(PICTURE, PICTURE.at(Stage.WRITTEN), MEASURED, MEASURED.at(Stage.WRITTEN));
      attempt.harness().endInput();

      assertThat(attempt.harness().extractOutputValues())
          .containsExactly(PICTURE_FOUND, MEASURED_FOUND);
      assertThat(attempt.harness().getSideOutput(WatchOperator.MEASURED))
          .extracting(StreamRecord::getValue)
          .containsExactly(MEASURED_FOUND);
      assertThat(foundAfter(attempt.harness().snapshot(2, 2))).as("nothing is left").isEmpty();
    }
  }

  /** Whoever told that they are due will not tell again. */
  @Test
  void whatIsLeftComesBackWithTheState() throws Exception {
    assertThat(foundAfter(stateWith(PICTURE, MEASURED)))
        .containsExactly(PICTURE_FOUND, MEASURED_FOUND);
  }

  @Test
  void aCopyThatWasNotWrittenStaysSo() throws Exception {
    assertThat(foundAfter(stateWith(PICTURE, PICTURE.at(Stage.FAILED))))
        .singleElement()
        .satisfies(found -> assertThat(found.problem()).contains("was not written"));
  }

  /** Flink ends a process by the kind of what the task fails with, not by that of a cause. */
  @Test
  void aGpuThatIsLostEndsTheProcess() throws Exception {
    try (OperatorAttempt<ModelCopy, ModelFindings> attempt = attempt("oss://" + output)) {
      attempt.harness().open();
      BrittleFileSystem.failAfter(0, "CUDA error: unspecified launch failure");
      attempt.take(PICTURE, PICTURE.at(Stage.WRITTEN));

      assertThatThrownBy(attempt.harness()::endInput)
          .matches(ExceptionUtils::isJvmFatalError, "ends the process")
          .hasMessage(
              "the GPU failed at the copy of step 20 (CUDA error: unspecified launch failure), and"
                  + " this process cannot use it any more");
    } finally {
      BrittleFileSystem.heal();
    }
  }
}
