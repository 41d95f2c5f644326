package io.simmim.trainer.model.objective;

import io.simmim.trainer.model.encoder.EncoderConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * How masked images are learned from.
 *
 * @param type the method
 * @param decoderEmbedDim width of MAE's decoder; divisible by four and by its heads
 * @param decoderDepth blocks of MAE's decoder
 * @param decoderNumHeads attention heads of MAE's decoder
 */
public record ObjectiveConfig(
    ObjectiveType type, int decoderEmbedDim, int decoderDepth, int decoderNumHeads)
    implements Serializable {
  /** SimMIM; the decoder is that of MAE's paper and not used. */
  public static final ObjectiveConfig SIMMIM =
      new ObjectiveConfig(ObjectiveType.SIMMIM, 512, 8, 16);

  public ObjectiveConfig {
    Objects.requireNonNull(type, "type");
    EncoderConfig.requireBlocks("objective.decoder-depth", decoderDepth);
    if (decoderNumHeads < 1) {
      throw new IllegalArgumentException(
          "objective.decoder-num-heads must be at least 1: " + decoderNumHeads);
    }
    if (decoderEmbedDim < 4 || decoderEmbedDim % 4 != 0 || decoderEmbedDim % decoderNumHeads != 0) {
      throw new IllegalArgumentException(
          "objective.decoder-embed-dim must be a multiple of 4 (sine-cosine positions) and of objective.decoder-num-heads %d: %d"
              .formatted(decoderNumHeads, decoderEmbedDim));
    }
  }
}
