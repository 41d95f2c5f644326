package io.simmim.trainer.model.head;

import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;

/**
 * Turns features into what is said about the pixels of each cell (SimMIM paper, section 3.3).
 *
 * <p>A new head implements this interface and brings one TorchScript resource that defines
 *
 * <pre>{@code
 * head(self, features: Tensor, index: List[Tensor], constants: List[Tensor],
 *      p: List[Tensor]) -> Tensor
 * }</pre>
 *
 * from the methods of {@code blocks.torchscript}: from the features (R, C) of wanted cells to fp32
 * (K, channels * n * n) of the counted ones, n target pixels along the side of a cell.
 */
public interface PredictionHead {
  /** The head that a configuration describes, whose parameters follow those of the encoder. */
  static PredictionHead of(HeadConfig config, TargetConfig target, int imageSize, Encoder encoder) {
    int first = encoder.parameters().size();
    int perSide = encoder.stride() / target.downsampling();
    int channels = target.channels();
    return switch (config.type()) {
      case LINEAR -> new LinearHead(first, encoder.width(), channels * perSide * perSide);
      case MLP -> new MlpHead(first, encoder.width(), channels * perSide * perSide);
      case INVERSE_SWIN_TINY, INVERSE_SWIN_BASE ->
          new InverseSwinHead(config, target, imageSize, encoder);
    };
  }

  /** The head's parameters in their order. */
  List<ParameterSpec> parameters();

  /** Whether a prediction depends on the features of all cells of the image. */
  default boolean needsAllCells() {
    return false;
  }

  /**
   * Adds the method {@code head}.
   *
   * @param firstConstant number in {@code constants} of the first of {@link #constants}
   */
  void addTo(TorchScriptSource source, int firstConstant);

  /** Tensors that the source reads from {@code constants}. */
  default List<ConstantTensor> constants() {
    return List.of();
  }
}
