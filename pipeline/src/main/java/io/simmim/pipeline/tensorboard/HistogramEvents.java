package io.simmim.pipeline.tensorboard;

import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.schemas.histogram.ValueHistogram;
import java.util.Map;
import org.apache.flink.core.fs.Path;

/**
 * How weights and gradients are distributed. A histogram has finite values only; of a tensor that
 * has others a number says how many.
 */
public final class HistogramEvents extends EventSink<TensorHistogram> {
  /**
   * @param folder on any Flink file system; no other's
   */
  public HistogramEvents(Path folder) {
    super(folder, "");
  }

  @Override
  long step(TensorHistogram histogram) {
    return histogram.step();
  }

  @Override
  long epochMillis(TensorHistogram histogram) {
    return histogram.epochMillis();
  }

  @Override
  Map<String, Double> scalars(TensorHistogram histogram) {
    long notFinite = histogram.values().notFinite();
    return notFinite > 0
        ? Map.of("not_finite/" + histogram.tensor(), (double) notFinite)
        : Map.of();
  }

  @Override
  Map<String, ValueHistogram> histograms(TensorHistogram histogram) {
    return histogram.values().counts().length > 0
        ? Map.of(histogram.tensor(), histogram.values())
        : Map.of();
  }
}
