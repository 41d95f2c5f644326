package io.simmim.trainer.model.encoder;

import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;

/**
 * An architecture that turns masked images into a feature per cell of its output grid.
 *
 * <p>A new architecture implements this interface and brings one TorchScript resource that defines
 *
 * <pre>{@code
 * derived(self, constants: List[Tensor], p: List[Tensor], scale: Tensor, images: int)
 *     -> List[Tensor]
 * shared(self, constants: List[Tensor], p: List[Tensor]) -> Tensor
 * stem(self, visible: Tensor, images: int, index: List[Tensor], p: List[Tensor],
 *      phase: str) -> Tensor
 * block(self, x: Tensor, number: int, shared: Tensor, index: List[Tensor],
 *       constants: List[Tensor], p: List[Tensor], scale: Tensor, phase: str) -> Tensor
 * finish(self, x: Tensor, shared: Tensor, index: List[Tensor], constants: List[Tensor],
 *        p: List[Tensor], scale: Tensor) -> Tensor
 * }</pre>
 *
 * from the methods of {@code blocks.torchscript}. The stem gets the pixels (V, 3 * patch * patch)
 * of the visible patches; {@link #segments} blocks follow, each of which is a unit of
 * recomputation; the end returns the features (R, C) in fp32 of the cells that {@link PatchIndex}
 * asks for. {@code derived} is what passes of as many images take beyond the parameters, made of
 * these once per update; it stands behind all of the model's parameters in {@code p}. {@code
 * shared} is what all blocks have in common, such as a position bias. {@code phase} is {@code
 * "training"} in a forward pass, {@code "again"} when a part of it is computed once more for the
 * backward pass or all of it for a prediction, and {@code "evaluation"} for {@link Features}.
 *
 * <p>An encoder with {@link #attentionLayers} defines, too,
 *
 * <pre>{@code
 * attention_scores(self, x: Tensor, number: int, shared: Tensor, constants: List[Tensor],
 *                  p: List[Tensor]) -> Tensor
 * }</pre>
 *
 * what the softmax in a block is taken of, (B * windows, H, N, N), of what goes into the block.
 */
public interface Encoder {
  /** The encoder of whole images that a configuration describes. */
  static Encoder of(EncoderConfig config, int imageSize) {
    return switch (config.type()) {
      case VIT -> new VitEncoder(config, imageSize);
      case SWIN, SWINV2 -> new SwinEncoder(config, imageSize);
      case RESNET -> new ResNetEncoder(config, imageSize);
    };
  }

  /**
   * The encoder of a classifier, which has no mask token.
   *
   * @param lastNorm whether the encoder ends with a norm; that of a Swin always does
   * @throws IllegalArgumentException if there is no such classifier
   */
  static Encoder ofClassifier(EncoderConfig config, int imageSize, boolean lastNorm) {
    return switch (config.type()) {
      case VIT -> new VitEncoder(config, imageSize, new EncoderParts("", false, lastNorm));
      case SWIN, SWINV2 -> new SwinEncoder(config, imageSize, new EncoderParts("", false, true));
      case RESNET ->
          throw new IllegalArgumentException(
              "only a vit, swin or swinv2 can be fine-tuned here: resnet");
    };
  }

  /** The encoder's parameters in their official order; their index is that in {@code p}. */
  List<ParameterSpec> parameters();

  /** Width C of the features. */
  int width();

  /** Side of a model patch in pixels. */
  int patchSize();

  /** Model patches along one side of the image. */
  int patchSide();

  /** Side of an output cell in pixels; a multiple of the patch. */
  int stride();

  /** Output cells along one side of the image. */
  int gridSide();

  /**
   * Adds the methods.
   *
   * @param firstConstant number in {@code constants} of the first of {@link #constants}
   */
  void addTo(TorchScriptSource source, int firstConstant);

  /** Tensors that the source reads from {@code constants}. */
  default List<ConstantTensor> constants() {
    return List.of();
  }

  /** How many tensors {@code derived} makes. */
  default int derivedTensors() {
    return 0;
  }

  /** How often {@code block} is called. */
  int segments();

  /** The part whose features are the encoder's own. */
  default Trunk trunk() {
    return new Trunk(segments(), "finish", width(), false);
  }

  /** Where the tokens are that attend to each other, block by block; none without attention. */
  default List<AttentionLayer> attentionLayers() {
    return List.of();
  }

  /** Blocks, for stochastic depth: rate of each. */
  double[] dropPathRates();
}
