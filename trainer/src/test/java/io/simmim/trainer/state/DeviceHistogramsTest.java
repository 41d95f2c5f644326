package io.simmim.trainer.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.schemas.histogram.HistogramBuckets;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceHistogramsTest {
  private static final int ZERO = HistogramBuckets.count() / 2;

  private static List<ValueHistogram> histograms(float[]... tensors) {
    TorchRuntime.prepareThread(1);
    TorchScriptSource source = DeviceHistograms.addTo(new TorchScriptSource());
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDList arrays = new NDList();
      for (float[] tensor : tensors) {
        arrays.add(manager.create(tensor));
      }
      return DeviceHistograms.of(manager, module, arrays);
    }
  }

  @Test
  void countsValuesFromTheLimitBeforeToBelowTheirOwn() {
    float limit = HistogramBuckets.floatLimits()[ZERO + 300];
    List<ValueHistogram> found =
        histograms(
            new float[] {0, 0, 1e-13f, -1e-13f},
            new float[] {Math.nextDown(limit), limit, limit, Math.nextUp(limit)});

    assertThat(found.get(0))
        .isEqualTo(
            new ValueHistogram(
                0, -1e-13f, 1e-13f, 0, 2 * (double) 1e-13f * 1e-13f, ZERO, new long[] {1, 3}));
    assertThat(found.get(1).firstBucket()).isEqualTo(ZERO + 300);
    assertThat(found.get(1).counts()).containsExactly(1, 3);
  }

  @Test
  void countsTheLargestFloats() {
    ValueHistogram found = histograms(new float[] {-Float.MAX_VALUE, Float.MAX_VALUE}).get(0);

    assertThat(found.notFinite()).isZero();
    assertThat(found.finite()).isEqualTo(2);
    assertThat(found.least()).isEqualTo(-Float.MAX_VALUE);
    assertThat(found.greatest()).isEqualTo(Float.MAX_VALUE);
    assertThat(found.sumOfSquares()).isEqualTo(2.0 * Float.MAX_VALUE * Float.MAX_VALUE);
  }

  @Test
  void leavesOutWhatIsNotFinite() {
    List<ValueHistogram> found =
        histograms(
            new float[] {
              Float.NaN, 2, Float.POSITIVE_INFINITY, -1, Float.NEGATIVE_INFINITY, -Float.NaN
            },
            new float[] {Float.NaN, Float.NEGATIVE_INFINITY});

    ValueHistogram some = found.get(0);
    assertThat(some.notFinite()).isEqualTo(4);
    assertThat(some.finite()).isEqualTo(2);
    assertThat(some.least()).isEqualTo(-1);
    assertThat(some.greatest()).isEqualTo(2);
    assertThat(some.sum()).isEqualTo(1);
    assertThat(some.sumOfSquares()).isEqualTo(5);
    assertThat(found.get(1)).isEqualTo(new ValueHistogram(2, 0, 0, 0, 0, 0, new long[0]));
  }
}
