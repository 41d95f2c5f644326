package io.simmim.trainer.histogram;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.state.TensorKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells how weights and gradients of some steps are distributed: gradients as they are before
 * clipping, weights as the step leaves them. Training waits for it.
 */
public final class HistogramListener implements StepListener {
  private final BatchPlan plan;
  private final HistogramSchedule schedule;
  private final Consumer<List<TensorHistogram>> done;
  private Map<String, ValueHistogram> gradients = Map.of();

  /**
   * @param done is told of all histograms of a step on the training thread, and must not block
   */
  public HistogramListener(
      BatchPlan plan, HistogramSchedule schedule, Consumer<List<TensorHistogram>> done) {
    this.plan = plan;
    this.schedule = schedule;
    this.done = done;
  }

  @Override
  public void gradientsDone(long step, Learner model) {
    if (schedule.isDue(step, plan)) {
      gradients = model.histograms(TensorKind.GRADIENTS);
    }
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) {
    if (schedule.isDue(metrics.step(), plan)) {
      List<TensorHistogram> histograms = new ArrayList<>();
      add(TensorKind.WEIGHTS, model.histograms(TensorKind.WEIGHTS), metrics, histograms);
      add(TensorKind.GRADIENTS, gradients, metrics, histograms);
      gradients = Map.of();
      done.accept(histograms);
    }
  }

  private static void add(
      TensorKind kind,
      Map<String, ValueHistogram> values,
      StepMetrics metrics,
      List<TensorHistogram> to) {
    String prefix = kind.name().toLowerCase(Locale.ROOT) + "/";
    values.forEach(
        (name, histogram) ->
            to.add(
                new TensorHistogram(
                    metrics.step(), metrics.epochMillis(), prefix + name, histogram)));
  }
}
