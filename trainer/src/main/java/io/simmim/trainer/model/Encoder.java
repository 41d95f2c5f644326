package io.simmim.trainer.model;

import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;

/**
 * An architecture that turns masked images into a feature per cell of its output grid.
 *
 * <p>A new architecture implements this interface and brings one TorchScript resource that defines
 *
 * <pre>{@code
 * encode(self, visible: Tensor, images: int, index: List[Tensor], constants: List[Tensor],
 *        p: List[Tensor], scale: Tensor) -> Tensor
 * }</pre>
 *
 * from the methods of {@code blocks.torchscript}. It gets the pixels (V, 3 * patch * patch) of the
 * visible patches and returns the features (R, C) in fp32 of the cells that {@link PatchIndex} asks
 * for.
 */
public interface Encoder {
  /** The encoder that a configuration describes, for images of a size. */
  static Encoder of(EncoderConfig config, int imageSize) {
    return switch (config.type()) {
      case VIT -> new VitEncoder(config, imageSize);
      case SWIN, SWINV2 -> new SwinEncoder(config, imageSize);
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

  /** Adds the method {@code encode}. */
  void addTo(TorchScriptSource source, boolean bf16);

  /** Index tensors that the source reads from {@code constants}, from number 2 on. */
  List<long[]> constants();

  /** Blocks, for stochastic depth: rate of each. */
  double[] dropPathRates();
}
