package io.simmim.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.UserError;
import io.simmim.schemas.timing.DataWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunStepsTest {
  @TempDir Path folder;

  private RunSteps read(long first, long last) throws IOException {
    Path metrics = folder.resolve("metrics.jsonl");
    Files.writeString(
        metrics,
        "{\"step\":1,\"loss\":0.5,\"images\":8}\n{\"step\":2,\"loss\":0.25,\"images\":8}\n");
    return RunSteps.read(new org.apache.flink.core.fs.Path(metrics.toUri()), first, last);
  }

  private static StepMetrics replayed(int images) {
    return new StepMetrics(2, 0, 16, images, 0.25, 0, 0, 0, DataWait.NONE, 0, 0);
  }

  @Test
  void hasAStepBehindTheLastThatTheRunTellsOfAndNoOther() throws IOException {
    RunSteps steps = read(2, 3);

    assertThat(steps.loss(2)).isEqualTo(0.25);
    assertThat(steps.loss(3)).isNaN();
    assertThatThrownBy(() -> read(2, 4))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "step 4 cannot be replayed: the run has not come to it (allowed: 1 to 3, one more than metrics.jsonl has)");
  }

  @Test
  void namesWhatIsGoneRatherThanWhatTheRunRejected() throws IOException {
    RunSteps steps = read(1, 2);
    RejectedImage rejected = new RejectedImage(1, "file:/a", StepChunks.REJECTED);
    RejectedImage gone = new RejectedImage(2, "file:/b", RejectedImage.DELETED);

    assertThatThrownBy(() -> steps.requireImages(replayed(7), List.of(rejected, gone)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "step 2 cannot be trained again: 8 of its images could be used then, 7 can be now; file:/b: deleted since it was listed");
  }

  @Test
  void namesOneOfThoseThatTheRunRejectedWhereNothingIsGone() throws IOException {
    RunSteps steps = read(1, 2);
    RejectedImage one = new RejectedImage(1, "file:/a", StepChunks.REJECTED);
    RejectedImage other = new RejectedImage(2, "file:/b", StepChunks.REJECTED);

    assertThatThrownBy(() -> steps.requireImages(replayed(7), List.of(one)))
        .hasMessageEndingWith("; file:/a: rejected by the run at another step");
    assertThatThrownBy(() -> steps.requireImages(replayed(7), List.of(one, other)))
        .hasMessageEndingWith("; file:/a or one of 1 more: rejected by the run at another step");
    steps.requireImages(replayed(8), List.of(one)); // as then
  }
}
