package io.simmim.pipeline.replay;

import io.simmim.pipeline.sink.StoredLines;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.fs.Path;

/**
 * What a run has told of some of its steps, to compare a replay with. 12 bytes per step.
 *
 * @param first number of the first one
 * @param losses NaN where the run tells of none
 * @param images that were usable; -1 likewise
 */
record RunSteps(long first, double[] losses, int[] images) {
  /** Reads those from {@code first} to {@code last} from {@code metrics.jsonl}. */
  static RunSteps read(Path metrics, long first, long last) throws IOException {
    int count = Math.toIntExact(last - first + 1);
    RunSteps steps = new RunSteps(first, new double[count], new int[count]);
    Arrays.fill(steps.losses, Double.NaN);
    Arrays.fill(steps.images, -1);
    StoredLines.forEachNode(
        metrics,
        line -> {
          long step = line.path("step").asLong(-1);
          if (step >= first && step <= last) {
            steps.losses[(int) (step - first)] = line.path("loss").asDouble(Double.NaN);
            steps.images[(int) (step - first)] = line.path("images").asInt(-1);
          }
        });
    return steps;
  }

  /** The loss of a step; NaN if the run tells of none. */
  double loss(long step) {
    return losses[(int) (step - first)];
  }

  /** Whether the run tells of a step, and of another loss than its replay. */
  boolean differs(StepMetrics replayed) {
    double loss = loss(replayed.step());
    return !Double.isNaN(loss) && loss != replayed.loss();
  }

  /**
   * Refuses a replay of other images.
   *
   * @param unusable what cannot be used of the step now, for people; may be empty
   * @throws UserError that tells what is missing
   */
  void requireImages(StepMetrics replayed, String unusable) {
    int then = images[(int) (replayed.step() - first)];
    if (then >= 0 && then != replayed.images()) {
      throw new UserError(
          "step %d cannot be trained again: %d of its images could be used then, %d can be now%s"
              .formatted(
                  replayed.step(),
                  then,
                  replayed.images(),
                  unusable.isEmpty() ? "" : "; " + unusable));
    }
  }
}
