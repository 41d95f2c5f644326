package io.simmim.trainer.parity;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.parity.RecordedTensors.Expected;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The steps of a recorded training, and what comes of them: the loss and the gradient norm of each,
 * and the parameters behind the last.
 *
 * @param losses of each step
 * @param gradientNorms before clipping, of each step
 * @param batches what each step learns from
 * @param rates of each step
 */
record RecordedSteps(
    double[] losses, double[] gradientNorms, Batches batches, IntFunction<ScaledRates> rates) {
  private static final double TOLERANCE = 1e-5;

  /** What steps learn from. */
  @FunctionalInterface
  interface Batches {
    MicroBatch of(int step) throws IOException;
  }

  /** Looks at a model that has the gradients of its first step. */
  @FunctionalInterface
  interface Look {
    Look NONE = batch -> {};

    void at(MicroBatch batch) throws IOException;
  }

  /** Trains a model; returns what comes of it by name. */
  Map<String, float[]> train(Learner model, Look look) throws IOException {
    Map<String, float[]> results = new LinkedHashMap<>();
    for (int step = 0; step < losses.length; step++) {
      MicroBatch batch = batches.of(step);
      results.put(loss(step), number(model.accumulateNow(batch, step, 1)));
      if (step == 0) {
        look.at(batch);
      }
      results.put(norm(step), number(model.update(rates.apply(step))));
    }
    results.putAll(RecordedTensors.parameters(model));
    return results;
  }

  /**
   * What is recorded of each step.
   *
   * @param laterNorms tolerance of gradient norms behind the first step
   */
  Map<String, Expected> expected(double laterNorms) {
    Map<String, Expected> expected = new LinkedHashMap<>();
    for (int step = 0; step < losses.length; step++) {
      double tolerance = step == 0 ? TOLERANCE : laterNorms;
      expected.put(loss(step), new Expected(number(losses[step]), TOLERANCE));
      expected.put(norm(step), new Expected(number(gradientNorms[step]), tolerance));
    }
    return expected;
  }

  /** The same for gradient norms that agree as well as losses do. */
  Map<String, Expected> expected() {
    return expected(TOLERANCE);
  }

  private static String loss(int step) {
    return "loss of step " + step;
  }

  private static String norm(int step) {
    return "gradient norm of step " + step;
  }

  private static float[] number(double value) {
    return new float[] {(float) value};
  }
}
