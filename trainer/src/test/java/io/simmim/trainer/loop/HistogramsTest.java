package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.histogram.HistogramBuckets;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TensorKind;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HistogramsTest {
  /** Of sums of doubles in another order, over the sum of their magnitudes. */
  private static final double ROUNDING = 1e-12;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void areThoseOfTheTensors(Precision precision) throws Exception {
    TrainerConfig config = SmallModel.config(SmallModel.encoder(0), precision);
    try (TrainingModel model = TrainingModel.create(config)) {
      model.accumulateNow(SmallModel.batch(3, 1), 0, 1);
      try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
        requireSame(model.histograms(TensorKind.WEIGHTS), snapshot, "param/");
        requireSame(model.histograms(TensorKind.GRADIENTS), snapshot, "grad/");
      }
    }
  }

  private static void requireSame(Map<String, ValueHistogram> found, StateReader state, String kind)
      throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < state.tensors().size(); i++) {
      String name = state.tensors().get(i).name();
      if (name.startsWith(kind)) {
        names.add(name.substring(kind.length()));
        ByteBuffer bytes =
            ByteBuffer.allocate((int) state.tensors().get(i).bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        state.read(i, 0, bytes);
        float[] values = new float[bytes.capacity() / Float.BYTES];
        bytes.flip().asFloatBuffer().get(values);
        requireSame(name, found.get(name.substring(kind.length())), values);
      }
    }
    assertThat(found.keySet()).containsExactlyElementsOf(names);
  }

  private static void requireSame(String name, ValueHistogram found, float[] values) {
    long[] counts = new long[HistogramBuckets.count()];
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double magnitudes = 0;
    double squares = 0;
    for (double value : values) {
      int bucket = 0;
      while (value >= HistogramBuckets.limit(bucket)) {
        bucket++;
      }
      counts[bucket]++;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      sum += value;
      magnitudes += Math.abs(value);
      squares += value * value;
    }
    long[] spread = new long[counts.length];
    System.arraycopy(found.counts(), 0, spread, found.firstBucket(), found.counts().length);
    assertThat(spread).as(name).isEqualTo(counts);
    assertThat(found.counts()[0]).as(name).isPositive();
    assertThat(found.counts()[found.counts().length - 1]).as(name).isPositive();
    assertThat(found.notFinite()).as(name).isZero();
    assertThat(found.least()).as(name).isEqualTo(least);
    assertThat(found.greatest()).as(name).isEqualTo(greatest);
    assertThat(found.sum()).as(name).isEqualTo(sum, within(ROUNDING * magnitudes));
    assertThat(found.sumOfSquares()).as(name).isEqualTo(squares, within(ROUNDING * squares));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void doNotChangeWhatIsTrained(Precision precision) throws Exception {
    TrainerConfig config = SmallModel.config(SmallModel.encoder(0), precision);
    try (TrainingModel model = TrainingModel.create(config);
        TrainingModel other = TrainingModel.create(config)) {
      for (int step = 0; step < 2; step++) {
        double loss = model.accumulateNow(SmallModel.batch(3, step), step, 1);
        assertThat(other.accumulateNow(SmallModel.batch(3, step), step, 1)).isEqualTo(loss);
        model.histograms(TensorKind.GRADIENTS);
        assertThat(model.update(1e-3)).isEqualTo(other.update(1e-3));
        model.histograms(TensorKind.WEIGHTS);

        assertThat(model.histograms(TensorKind.WEIGHTS))
            .isEqualTo(other.histograms(TensorKind.WEIGHTS));
        assertThat(model.histograms(TensorKind.GRADIENTS)).as("none are left").isEmpty();
      }
    }
  }
}
