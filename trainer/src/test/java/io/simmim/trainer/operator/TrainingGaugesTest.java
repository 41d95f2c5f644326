package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.timing.DataWait;
import io.simmim.trainer.torch.TensorMemory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class TrainingGaugesTest {
  private final Map<String, Gauge<?>> shown = new TreeMap<>();
  private final Map<String, Counter> counters = new TreeMap<>();
  private final TrainingGauges gauges =
      new TrainingGauges(
          new UnregisteredMetricsGroup() {
            @Override
            public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
              shown.put(name, gauge);
              return gauge;
            }

            @Override
            public Counter counter(String name) {
              Counter counter = super.counter(name);
              counters.put(name, counter);
              return counter;
            }
          });

  private static StepMetrics step(long step, int images, double loss, double norm) {
    return new StepMetrics(step, 0, 36, images, loss, 1e-4, norm, 100, DataWait.NONE, 7, 0);
  }

  private List<Object> shown(String... names) {
    return Stream.of(names).<Object>map(name -> shown.get(name).getValue()).toList();
  }

  /** A dashboard is not to dive to 0 at every restart. */
  @Test
  void showsNoMeasurementsBeforeTheFirstStep() {
    assertThat(shown("loss", "gradientNorm", "learningRate"))
        .containsExactly(Double.NaN, Double.NaN, Double.NaN);
    assertThat(shown("step")).containsExactly(0L);
  }

  @Test
  void keepsLossAndNormOverAStepWithoutAnyImage() {
    gauges.step(step(3, 12, 0.5, 2.5));
    gauges.step(step(4, 0, 0, 0));

    assertThat(shown("step", "loss", "gradientNorm")).containsExactly(4L, 0.5, 2.5);

    gauges.step(step(5, 12, 0.25, 1.5));
    assertThat(shown("step", "loss", "gradientNorm")).containsExactly(5L, 0.25, 1.5);
  }

  @Test
  void showsTheLastStep() {
    gauges.step(
        new StepMetrics(
            3, 1, 36, 12, 0.5, 1e-4, 2.5, 100, new DataWait(0.125, 0.0625, 0.0625), 7, 0));
    gauges.rejectedOfAllowed(0.375);
    gauges.reorderedChunks(4);
    gauges.checkpointCopy(Duration.ofMillis(12));
    gauges.export(Duration.ofMillis(34));
    gauges.exportFailed();

    assertThat((Integer) shown.remove("nativeTensors").getValue())
        .isEqualTo(TensorMemory.tensors());
    assertThat((Long) shown.remove("nativeTensorBytes").getValue())
        .isEqualTo(TensorMemory.heldBytes());
    assertThat((Long) shown.remove("residentMemoryBytes").getValue()).isNotZero();
    assertThat(
            shown.entrySet().stream()
                .collect(
                    Collectors.toMap(Map.Entry::getKey, e -> e.getValue().getValue().toString())))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("step", "3"),
                Map.entry("epoch", "1"),
                Map.entry("loss", "0.5"),
                Map.entry("learningRate", "1.0E-4"),
                Map.entry("gradientNorm", "2.5"),
                Map.entry("imagesPerSecond", "100.0"),
                Map.entry("dataWaitShare", "0.25"),
                Map.entry("fetchWaitShare", "0.125"),
                Map.entry("decodeWaitShare", "0.0625"),
                Map.entry("networkWaitShare", "0.0625"),
                Map.entry("imagesSeen", "36"),
                Map.entry("rejectedImages", "7"),
                Map.entry("rejectedOfAllowed", "0.375"),
                Map.entry("reorderedChunks", "4"),
                Map.entry("checkpointCopyMillis", "12"),
                Map.entry("exportMillis", "34")));
    assertThat(counters.get("failedExports").getCount()).isEqualTo(1);
  }
}
