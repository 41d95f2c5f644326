package io.simmim.trainer.model.objective;

import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.TransformerShape;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.PredictionHead;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.TargetConfig;
import java.util.Optional;

/**
 * A way to learn from masked images: which encoder sees what of them, and which head speaks of the
 * rest. A new one is a class beside the two that are here.
 */
public interface Objective {
  /** The objective that a configuration describes. */
  static Objective of(ObjectiveConfig config) {
    return switch (config.type()) {
      case SIMMIM -> new SimMimObjective();
      case MAE -> new MaeObjective(config);
    };
  }

  /**
   * Checks that the other choices make sense with this one.
   *
   * @param imageSize side S of the images in pixels
   * @throws IllegalArgumentException with the key, its value and what is allowed
   */
  void requireFits(
      int imageSize, EncoderConfig encoder, HeadConfig head, TargetConfig target, LossConfig loss);

  /** The encoder, with whatever the objective puts behind it. */
  Encoder encoder(EncoderConfig config, int imageSize);

  /**
   * Share of an image that the encoder sees while it trains.
   *
   * @param maskRatio share of the image that is masked
   */
  default double seenShare(double maskRatio) {
    return 1;
  }

  /** The blocks that the objective puts behind the encoder, if any. */
  default Optional<TransformerShape> behind(EncoderConfig encoder, int imageSize) {
    return Optional.empty();
  }

  /** The head, whose parameters follow those of the encoder. */
  PredictionHead head(HeadConfig config, TargetConfig target, int imageSize, Encoder encoder);

  /**
   * Checks the masks of a micro-batch.
   *
   * @param masks (m, G, G), 1 = masked
   * @param maskSide G
   * @throws IllegalArgumentException if the objective cannot learn from such masks
   */
  void requireMasks(byte[] masks, int maskSide);
}
