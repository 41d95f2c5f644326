package io.simmim.pipeline.bench;

import ai.djl.engine.EngineException;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.bench.TrainBench;
import io.simmim.trainer.operator.failure.TorchFailure;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TensorMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Times the training steps of several models on one device within a given time, and looks whether
 * the same steps have the same losses, to the bit, when they are trained again. Says a row of a
 * Markdown table for each measurement as it comes.
 */
public final class DeviceBench {
  private static final String HEADER =
      "| preset | precision | stochastic depth | batch | ms a step | images/s | device idle | device"
          + " memory | trained again |\n|---|---|---|---|---|---|---|---|---|";

  /** Of models whose preset has none. */
  private static final double DROP_PATH_RATE = 0.1;

  private final Plan plan;
  private final Consumer<String> say;
  private final GpuSampler sampler;
  private final List<String> skipped = new ArrayList<>();
  private boolean differs;

  /**
   * What is measured.
   *
   * @param device {@code cpu}, or {@code gpu0} and so on
   * @param presets the models
   * @param batches images per step, each at least 1
   * @param steps timed ones of each measurement, at least 1
   * @param threads of libtorch; 0 is one per core
   * @param time after which no further measurement begins
   */
  public record Plan(
      String device,
      List<String> presets,
      List<Integer> batches,
      int steps,
      int threads,
      Duration time) {
    public Plan {
      presets = List.copyOf(presets);
      batches = List.copyOf(batches);
    }
  }

  private DeviceBench(Plan plan, Consumer<String> say, GpuSampler sampler) {
    this.plan = plan;
    this.say = say;
    this.sampler = sampler;
  }

  /**
   * Measures.
   *
   * @param say takes lines of Markdown
   * @return whether all that was trained twice had the same losses
   */
  public static boolean run(Plan plan, Consumer<String> say) {
    try (GpuSampler sampler = GpuSampler.ofDevice(plan.device())) {
      return new DeviceBench(plan, say, sampler).run();
    }
  }

  private boolean run() {
    long end = System.nanoTime() + plan.time().toNanos();
    plan.presets().forEach(preset -> model(preset, Precision.FP32, true)); // refused before all
    say.accept(HEADER);
    for (Precision precision : List.of(Precision.BF16, Precision.FP32)) {
      for (String preset : plan.presets()) {
        for (boolean dropPath : new boolean[] {true, false}) {
          measure(preset, precision, dropPath, end);
        }
      }
    }
    if (!skipped.isEmpty()) {
      say.accept("");
      say.accept("Not measured, for lack of time: " + String.join("; ", skipped) + ".");
    }
    return !differs;
  }

  private void measure(String preset, Precision precision, boolean dropPath, long end) {
    BenchedModel model = model(preset, precision, dropPath);
    String row =
        "| `%s` | %s | %s "
            .formatted(
                preset,
                KebabCase.of(precision),
                dropPath ? model.config().encoder().dropPathRate() : "none");
    if (System.nanoTime() - end >= 0) {
      plan.batches().forEach(batch -> skipped.add(name(row, batch)));
      return;
    }
    String again = "";
    try (TrainBench bench = model.open()) {
      for (int i = 0; i < plan.batches().size(); i++) {
        int batch = plan.batches().get(i);
        if (System.nanoTime() - end >= 0) {
          skipped.add(name(row, batch));
          continue;
        }
        double[] losses = bench.warmUp(batch);
        if (i == 0) {
          again = again(model, batch, losses);
        }
        sampler.reset();
        TrainBench.Result result = bench.measure(batch, plan.steps());
        say.accept(
            row
                + String.format(
                    Locale.ROOT,
                    "| %d | %.1f | %.1f | %s | %s | %s |",
                    batch,
                    result.medianMillis(),
                    result.imagesPerSecond(),
                    share(sampler.idleShare()),
                    memory(sampler.memoryMib()),
                    i == 0 ? again : ""));
      }
    } catch (EngineException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      say.accept(row + "| | | | | | failed: %s |".formatted(TorchFailure.reason(reason)));
    } finally {
      TensorMemory.releaseCache(plan.device());
    }
  }

  /** Whether a second model with the same seed has the same losses. */
  private String again(BenchedModel model, int batch, double[] losses) {
    try (TrainBench second = model.open()) {
      boolean same = Arrays.equals(second.warmUp(batch), losses);
      differs |= !same;
      return same ? "same bits" : "DIFFERS";
    }
  }

  private BenchedModel model(String preset, Precision precision, boolean dropPath) {
    int most = plan.batches().stream().max(Comparator.naturalOrder()).orElse(1);
    List<String> settings =
        new ArrayList<>(
            List.of(
                "training.precision=" + KebabCase.of(precision),
                "training.threads=" + plan.threads(),
                "training.device=" + plan.device()));
    BenchedModel model = BenchedModel.of(preset, settings, most);
    if (dropPath == model.config().encoder().dropPathRate() > 0) {
      return model;
    }
    settings.add("encoder.drop-path-rate=" + (dropPath ? DROP_PATH_RATE : 0));
    return BenchedModel.of(preset, settings, most);
  }

  private static String name(String row, int batch) {
    return row.replace("|", "").strip().replaceAll(" +", " ") + " " + batch;
  }

  private static String share(OptionalDouble share) {
    return share.isEmpty() ? "" : "%d %%".formatted(Math.round(100 * share.getAsDouble()));
  }

  private static String memory(OptionalLong mib) {
    return mib.isEmpty() ? "" : mib.getAsLong() + " MiB";
  }
}
