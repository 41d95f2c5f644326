package io.simmim.pipeline.show;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A step whose loss or gradient norm stands out from those of the steps before it, upwards.
 * Consecutive ones are one, told of by the worst.
 *
 * @param step its number, from 1
 * @param first the first of the consecutive ones
 * @param last the last of them
 */
record Spike(long step, long first, long last, Deviation loss, Deviation norm) {
  /** Steps that one is compared with. */
  static final int WINDOW = 100;

  /** Fewer steps say nothing about what is usual. */
  static final int LEAST_BEFORE = 16;

  /** Far beyond what the noise of batches does in a million steps, were it normal. */
  static final double LEAST_DEVIATIONS = 8;

  /** All of a series, the worst first. */
  static List<Spike> of(StepSeries series) {
    List<Spike> spikes = new ArrayList<>();
    Spike open = null;
    for (int i = LEAST_BEFORE; i < series.size(); i++) {
      long step = series.steps()[i];
      Spike here =
          new Spike(
              step,
              step,
              step,
              Deviation.at(series.losses(), i, WINDOW),
              Deviation.at(series.norms(), i, WINDOW));
      if (here.deviations() >= LEAST_DEVIATIONS) {
        open = open == null ? here : open.with(here);
      } else if (open != null) {
        spikes.add(open);
        open = null;
      }
    }
    if (open != null) {
      spikes.add(open);
    }
    spikes.sort(Comparator.comparingDouble(Spike::deviations).reversed());
    return spikes;
  }

  /** The larger one of the two. */
  double deviations() {
    return Math.max(loss.deviations(), norm.deviations());
  }

  private Spike with(Spike next) {
    Spike worse = next.deviations() > deviations() ? next : this;
    return new Spike(worse.step, first, next.last, worse.loss, worse.norm);
  }

  /** For people. */
  String line() {
    String others =
        first == last ? "" : String.format(Locale.ROOT, ", worst of steps %d to %d", first, last);
    return String.format(
        Locale.ROOT, "step %d: loss %s, gradient norm %s%s", step, text(loss), text(norm), others);
  }

  private static String text(Deviation of) {
    return String.format(
        Locale.ROOT,
        "%.4f (usually %.4f, %+.1f deviations)",
        of.value(),
        of.usual(),
        of.deviations());
  }
}
