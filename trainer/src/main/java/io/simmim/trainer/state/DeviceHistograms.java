package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.schemas.histogram.HistogramBuckets;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Counts values where they are: only counts leave the device. It needs 12 bytes there for each
 * value of one tensor at a time.
 */
public final class DeviceHistograms {
  private static final int NUMBERS = 4;

  private DeviceHistograms() {}

  /** Adds the method that {@link #of} calls. */
  public static TorchScriptSource addTo(TorchScriptSource source) {
    return source.add(DeviceHistograms.class, "histograms.torchscript", Map.of());
  }

  /**
   * The histograms of some tensors, in their order.
   *
   * @param manager of the device; gets arrays that its owner closes
   * @param tensors of single precision, at least one
   */
  public static List<ValueHistogram> of(NDManager manager, TorchModule module, NDList tensors) {
    NDArray limits = manager.create(HistogramBuckets.floatLimits());
    NDList results =
        module.call(manager, "histograms", new Arguments().tensors(tensors).tensor(limits));
    long[] counts = results.get(0).toLongArray();
    double[] numbers = results.get(1).toDoubleArray();
    int buckets = counts.length / tensors.size();
    List<ValueHistogram> histograms = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      histograms.add(
          histogram(
              Arrays.copyOfRange(counts, i * buckets, (i + 1) * buckets),
              Arrays.copyOfRange(numbers, i * NUMBERS, (i + 1) * NUMBERS)));
    }
    return histograms;
  }

  /**
   * @param counts of the buckets, the first and the last of which have what is not finite
   */
  private static ValueHistogram histogram(long[] counts, double[] numbers) {
    int last = counts.length - 1;
    long notFinite = counts[0] + counts[last];
    int begin = 1;
    while (begin < last && counts[begin] == 0) {
      begin++;
    }
    int end = last;
    while (end > begin && counts[end - 1] == 0) {
      end--;
    }
    return new ValueHistogram(
        notFinite,
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        end > begin ? begin : 0,
        Arrays.copyOfRange(counts, begin, end));
  }
}
