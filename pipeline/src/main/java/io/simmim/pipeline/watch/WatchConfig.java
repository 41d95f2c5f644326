package io.simmim.pipeline.watch;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.operators.source.fetch.FetchConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * How a model is looked at while it is trained.
 *
 * @param output folder of the run
 * @param limits of what is decoded
 * @param mask what pictures hide: as in training
 * @param seed of these masks
 * @param probeEpochs passes of linear classifiers over features; 0 for none
 * @param device that the model is trained on; it is looked at on the CPU
 */
public record WatchConfig(
    String output,
    ImageConfig limits,
    FetchConfig fetch,
    MaskStrategy mask,
    long seed,
    int probeEpochs,
    String device,
    WatchedImages images)
    implements Serializable {
  public WatchConfig {
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(fetch, "fetch");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(images, "images");
  }
}
