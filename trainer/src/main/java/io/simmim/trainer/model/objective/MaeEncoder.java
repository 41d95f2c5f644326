package io.simmim.trainer.model.objective;

import static io.simmim.trainer.model.parameter.Initializer.constant;
import static io.simmim.trainer.model.parameter.Initializer.normal;
import static io.simmim.trainer.model.parameter.Initializer.uniform;

import io.simmim.trainer.model.encoder.AttentionLayer;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.Trunk;
import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Encoder and decoder of a masked autoencoder (He et al., "Masked Autoencoders Are Scalable Vision
 * Learners", CVPR 2022, section 3 and the official code): a plain ViT sees the visible patches and
 * a class token, a narrower one all positions, with a mask token in place of what is missing. The
 * head gets what the decoder makes of them. Position embeddings are sines and cosines and not
 * learned.
 *
 * <p>Every image of a micro-batch must have the same number of visible patches.
 */
final class MaeEncoder implements Encoder {
  private static final double STD = 0.02;
  private static final double LONGEST_WAVE = 10000;

  private final EncoderConfig config;
  private final ObjectiveConfig objective;
  private final int side;
  private final ParameterList parameters = new ParameterList("", 0);

  MaeEncoder(EncoderConfig config, ObjectiveConfig objective, int imageSize) {
    this.config = config;
    this.objective = objective;
    side = imageSize / config.patchSize();
    int width = config.embedDim();
    int decoderWidth = objective.decoderEmbedDim();
    long tokens = (long) side * side + 1;
    parameters.add("cls_token", "cls_token", normal(STD), true, 1, 1, width);
    parameters.addFrozen("pos_embed", "pos_embed", positions(width), 1, tokens, width);
    parameters.add("mask_token", "mask_token", normal(STD), true, 1, 1, decoderWidth);
    parameters.addFrozen(
        "decoder_pos_embed", "decoder_pos_embed", positions(decoderWidth), 1, tokens, decoderWidth);
    addPatchEmbedding();
    addBlocks("blocks", config.blocks(), width, config.mlpWidth());
    parameters.addNorm("norm", "norm", width, 1);
    parameters.addLinear(
        "decoder_embed", "decoder_embed", xavier(decoderWidth, width), decoderWidth, width);
    int hidden = (int) (decoderWidth * config.mlpRatio());
    addBlocks("decoder_blocks", objective.decoderDepth(), decoderWidth, hidden);
    parameters.addNorm("decoder_norm", "decoder_norm", decoderWidth, 1);
  }

  private void addPatchEmbedding() {
    int patch = config.patchSize();
    int width = config.embedDim();
    long inputs = 3L * patch * patch;
    Initializer weights = xavier(width, inputs);
    parameters.addRounded(
        "patch_weight", "patch_embed.proj.weight", weights, true, width, 3, patch, patch);
    // torch.nn.Conv2d's default.
    Initializer bias = uniform(1 / StrictMath.sqrt((double) inputs));
    parameters.addRounded("patch_bias", "patch_embed.proj.bias", bias, false, width);
  }

  private void addBlocks(String name, int depth, int width, int hidden) {
    for (int block = 0; block < depth; block++) {
      String at = String.format(Locale.ROOT, "%s.%d.", name, block);
      // The first parameter of all blocks; the others follow it in a fixed order.
      parameters.add(name, at + "norm1.weight", constant(1), false, width);
      parameters.add(name, at + "norm1.bias", constant(0), false, width);
      parameters.addLinear(
          name + "_qkv", at + "attn.qkv", xavier(3L * width, width), 3L * width, width);
      parameters.addLinear(name + "_proj", at + "attn.proj", xavier(width, width), width, width);
      parameters.addNorm(name + "_norm2", at + "norm2", width, 1);
      parameters.addLinear(name + "_fc1", at + "mlp.fc1", xavier(hidden, width), hidden, width);
      parameters.addLinear(name + "_fc2", at + "mlp.fc2", xavier(width, hidden), width, hidden);
    }
  }

  private static Initializer xavier(long outputs, long inputs) {
    return Initializer.xavierUniform(outputs, inputs);
  }

  /**
   * The table of fixed positions, (1, 1 + L, width): zeros for the class token, then for each cell
   * a half that depends on its column and one that depends on its row, of each first sines, then
   * cosines (Vaswani et al., 2017, section 3.5; MAE's official code for the order).
   */
  private Initializer positions(int width) {
    int quarter = width / 4;
    float[] values = new float[(side * side + 1) * width];
    for (int cell = 0; cell < side * side; cell++) {
      int at = (cell + 1) * width;
      int column = cell % side;
      int row = cell / side;
      for (int i = 0; i < quarter; i++) {
        double frequency = 1 / StrictMath.pow(LONGEST_WAVE, (double) i / quarter);
        double across = column * frequency;
        double down = row * frequency;
        values[at + i] = (float) StrictMath.sin(across);
        values[at + quarter + i] = (float) StrictMath.cos(across);
        values[at + 2 * quarter + i] = (float) StrictMath.sin(down);
        values[at + 3 * quarter + i] = (float) StrictMath.cos(down);
      }
    }
    return Initializer.values(values);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public int width() {
    return objective.decoderEmbedDim();
  }

  @Override
  public int patchSize() {
    return config.patchSize();
  }

  @Override
  public int patchSide() {
    return side;
  }

  @Override
  public int stride() {
    return config.patchSize();
  }

  @Override
  public int gridSide() {
    return side;
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> values = parameters.places();
    values.keySet().removeIf(place -> place.contains("blocks_"));
    values.put("width", config.embedDim());
    values.put("depth", config.blocks());
    values.put("heads", config.numHeads().get(0));
    values.put("cells", side * side);
    values.put("decoder_width", objective.decoderEmbedDim());
    values.put("decoder_heads", objective.decoderNumHeads());
    source.add(MaeEncoder.class, "mae.torchscript", values);
  }

  @Override
  public int segments() {
    return config.blocks() + objective.decoderDepth();
  }

  @Override
  public List<AttentionLayer> attentionLayers() {
    AttentionLayer layer =
        AttentionLayer.ofWholeImages(config.numHeads().get(0), side, config.patchSize());
    return Collections.nCopies(config.blocks(), layer);
  }

  @Override
  public Trunk trunk() {
    return new Trunk(config.blocks(), "trunk_end", config.embedDim(), true);
  }

  /** Of the encoder's blocks; the decoder drops nothing. */
  @Override
  public double[] dropPathRates() {
    double[] encoder = DropPath.linearRates(config.dropPathRate(), config.blocks());
    return Arrays.copyOf(encoder, segments());
  }
}
