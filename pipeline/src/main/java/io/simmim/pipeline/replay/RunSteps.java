package io.simmim.pipeline.replay;

import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.core.fs.Path;

/**
 * What a run has told of some of its steps, to compare a replay with. 12 bytes per step.
 *
 * @param first number of the first one
 * @param losses NaN where the run tells of none
 * @param images that were usable; -1 likewise
 */
record RunSteps(long first, double[] losses, int[] images) {
  /**
   * Reads those from {@code first} to {@code last} from {@code metrics.jsonl}.
   *
   * @throws UserError if the run has not come to the last one. The one that a run diverged in has
   *     no line, so that one behind the last line is allowed.
   */
  static RunSteps read(Path metrics, long first, long last) throws IOException {
    int count = Math.toIntExact(last - first + 1);
    RunSteps steps = new RunSteps(first, new double[count], new int[count]);
    Arrays.fill(steps.losses, Double.NaN);
    Arrays.fill(steps.images, -1);
    AtomicLong told = new AtomicLong();
    StoredLines.forEachNode(
        metrics,
        line -> {
          long step = line.path("step").asLong(-1);
          told.accumulateAndGet(step, Math::max);
          if (step >= first && step <= last) {
            steps.losses[(int) (step - first)] = line.path("loss").asDouble(Double.NaN);
            steps.images[(int) (step - first)] = line.path("images").asInt(-1);
          }
        });
    if (last > told.get() + 1) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "step %d cannot be replayed: the run has not come to it (allowed: 1 to %d, one more than metrics.jsonl has)",
              last,
              told.get() + 1));
    }
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
   * @param unusable what cannot be used of the step now
   * @throws UserError that tells what is missing
   */
  void requireImages(StepMetrics replayed, List<RejectedImage> unusable) {
    int then = images[(int) (replayed.step() - first)];
    if (then >= 0 && then != replayed.images()) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "step %d cannot be trained again: %d of its images could be used then, %d can be now%s",
              replayed.step(),
              then,
              replayed.images(),
              unusable.isEmpty() ? "" : "; " + text(unusable)));
    }
  }

  /** The image that is missing, or those of which one is. */
  private static String text(List<RejectedImage> unusable) {
    for (RejectedImage image : unusable) {
      if (!image.reason().equals(StepChunks.REJECTED)) {
        return image.uri() + ": " + image.reason();
      }
    }
    // The run tells of an image once. It may have used it before or after that.
    return String.format(
        Locale.ROOT,
        "%s%s: rejected by the run at another step",
        unusable.get(0).uri(),
        unusable.size() == 1
            ? ""
            : String.format(Locale.ROOT, " or one of %d more", unusable.size() - 1));
  }
}
