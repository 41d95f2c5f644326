package io.simmim.pipeline.report.story;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a fine-tuning was worth after its epochs.
 *
 * @param count how often it was measured
 * @param best the measurement with the highest top-1 accuracy, the first of equals
 * @param last the last measurement
 * @param top1 shares of images that were classified rightly
 * @param top5 shares of images whose class was among the first five
 */
public record Validations(
    long count,
    Optional<Measured> best,
    Optional<Measured> last,
    Thinned top1,
    Thinned top5,
    Thinned loss) {
  /** One measurement; {@code epoch} from 0. */
  public record Measured(
      int epoch, long step, double top1, double top5, double loss, long images) {}

  /** Adds up the lines of {@code validation.jsonl}. */
  static final class Lines {
    /** There is one per epoch. */
    private static final int MOST_STEPS = 100_000;

    private final Set<Long> steps = new HashSet<>();
    private final Thinning top1 = new Thinning();
    private final Thinning top5 = new Thinning();
    private final Thinning loss = new Thinning();
    private Measured best;
    private Measured last;
    private long count;

    void add(String line) {
      long after = last == null ? 0 : last.step;
      JsonFields.of(line).filter(found -> found.whole("step") > after).ifPresent(this::add);
    }

    private void add(JsonFields fields) {
      last =
          new Measured(
              (int) fields.whole("epoch"),
              fields.whole("step"),
              fields.number("top1"),
              fields.number("top5"),
              fields.number("loss"),
              fields.whole("images"));
      count++;
      if (best == null || last.top1 > best.top1) {
        best = last;
      }
      if (steps.size() < MOST_STEPS) {
        steps.add(last.step);
      }
      top1.add(last.step, last.top1);
      top5.add(last.step, last.top5);
      loss.add(last.step, last.loss);
    }

    boolean isAfter(long step) {
      return steps.contains(step);
    }

    Validations result() {
      return new Validations(
          count,
          Optional.ofNullable(best),
          Optional.ofNullable(last),
          top1.result(),
          top5.result(),
          loss.result());
    }
  }
}
