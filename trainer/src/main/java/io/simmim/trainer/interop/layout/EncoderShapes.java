package io.simmim.trainer.interop.layout;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.List;

/** What the configurations of both libraries say of an encoder in other words than ours. */
public final class EncoderShapes {
  /** Width behind a bottleneck block over that within it. */
  static final int RESNET_EXPANSION = 4;

  private EncoderShapes() {}

  /** A residual network of a width and depths. */
  public static EncoderConfig resNet(int width, List<Integer> depths) {
    return new EncoderConfig(
        EncoderType.RESNET,
        4,
        width,
        depths,
        List.of(),
        0,
        0,
        4,
        true,
        false,
        RelativePositionBias.NONE,
        0,
        0);
  }

  /** The ratio that makes this width of the MLP. */
  public static double mlpRatio(int width, int hidden) {
    double ratio = (double) hidden / width;
    return (int) (width * ratio) == hidden ? ratio : Math.nextUp(ratio);
  }
}
