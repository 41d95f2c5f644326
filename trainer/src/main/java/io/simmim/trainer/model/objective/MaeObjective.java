package io.simmim.trainer.model.objective;

import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.encoder.TransformerShape;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.head.PredictionHead;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.TargetConfig;
import java.util.Optional;

/**
 * A masked autoencoder (He et al., CVPR 2022): the encoder sees the visible patches alone, and a
 * decoder behind it all of them.
 */
final class MaeObjective implements Objective {
  private final ObjectiveConfig config;

  MaeObjective(ObjectiveConfig config) {
    this.config = config;
  }

  @Override
  public void requireFits(
      int imageSize, EncoderConfig encoder, HeadConfig head, TargetConfig target, LossConfig loss) {
    if (encoder.type() != EncoderType.VIT) {
      throw new IllegalArgumentException(
          "objective.type mae needs encoder.type vit, whose patches can be left out: "
              + KebabCase.of(encoder.type()));
    }
    if (head.type() != HeadType.LINEAR) {
      throw new IllegalArgumentException(
          "objective.type mae needs head.type linear behind its decoder: "
              + KebabCase.of(head.type()));
    }
    if (loss.area() != LossArea.MASKED) {
      throw new IllegalArgumentException(
          "objective.type mae needs loss.area masked: " + KebabCase.of(loss.area()));
    }
    if (encoder.relativePositionBias() != RelativePositionBias.NONE
        || encoder.layerScaleInit() != 0
        || !encoder.absolutePosition()
        || !encoder.qkvBias()) {
      throw new IllegalArgumentException(
          "objective.type mae needs a plain vit: encoder.absolute-position true, encoder.relative-position-bias"
              + " none, encoder.layer-scale-init 0, encoder.qkv-bias true: %s, %s, %s, %s"
                  .formatted(
                      encoder.absolutePosition(),
                      KebabCase.of(encoder.relativePositionBias()),
                      encoder.layerScaleInit(),
                      encoder.qkvBias()));
    }
    if (encoder.embedDim() % 4 != 0) {
      throw new IllegalArgumentException(
          "objective.type mae needs an encoder.embed-dim that is a multiple of 4 (sine-cosine positions): "
              + encoder.embedDim());
    }
  }

  @Override
  public Encoder encoder(EncoderConfig encoder, int imageSize) {
    return new MaeEncoder(encoder, config, imageSize);
  }

  @Override
  public double seenShare(double maskRatio) {
    return 1 - maskRatio;
  }

  @Override
  public Optional<TransformerShape> behind(EncoderConfig encoder, int imageSize) {
    int side = imageSize / encoder.patchSize();
    return Optional.of(
        new TransformerShape(
            side * side,
            config.decoderEmbedDim(),
            config.decoderNumHeads(),
            config.decoderDepth(),
            encoder.mlpRatio()));
  }

  @Override
  public PredictionHead head(HeadConfig head, TargetConfig target, int imageSize, Encoder encoder) {
    int perSide = encoder.stride() / target.downsampling();
    return new MaeHead(encoder.parameters().size(), encoder.width(), target.channels(), perSide);
  }

  /** The encoder gets the visible patches of all images as one tensor. */
  @Override
  public void requireMasks(byte[] masks, int maskSide) {
    int patches = maskSide * maskSide;
    int first = masked(masks, 0, patches);
    for (int from = patches; from < masks.length; from += patches) {
      int count = masked(masks, from, patches);
      if (count != first) {
        throw new IllegalArgumentException(
            "objective.type mae needs equally many masked patches in all images of a micro-batch: %d, %d"
                .formatted(first, count));
      }
    }
  }

  private static int masked(byte[] masks, int from, int patches) {
    int count = 0;
    for (int i = from; i < from + patches; i++) {
      count += masks[i] != 0 ? 1 : 0;
    }
    return count;
  }
}
