package io.simmim.trainer.model.objective;

import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.InverseSwinHead;
import io.simmim.trainer.model.head.PredictionHead;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.TargetConfig;

/**
 * SimMIM (Xie et al., CVPR 2022, section 3): the encoder sees all patches, with a mask token in
 * place of masked ones, and a head says what was there.
 */
final class SimMimObjective implements Objective {
  @Override
  public void requireFits(
      int imageSize, EncoderConfig encoder, HeadConfig head, TargetConfig target, LossConfig loss) {
    if (head.type().isInverseSwin()) {
      InverseSwinHead.requireFits(imageSize, encoder, head, target);
    }
  }

  @Override
  public Encoder encoder(EncoderConfig config, int imageSize) {
    return Encoder.of(config, imageSize);
  }

  @Override
  public PredictionHead head(
      HeadConfig config, TargetConfig target, int imageSize, Encoder encoder) {
    return PredictionHead.of(config, target, imageSize, encoder);
  }

  @Override
  public void requireMasks(byte[] masks, int maskSide) {
    // Any number of patches may be masked in each image.
  }
}
