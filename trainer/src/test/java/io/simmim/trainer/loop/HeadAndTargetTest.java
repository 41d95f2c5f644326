package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The loss against one that is spelled out here: the head's outputs from the encoder's features and
 * the head's weights, the targets from the pixels, pixel by pixel.
 */
class HeadAndTargetTest {
  private static final int SIZE = SmallModels.IMAGE_SIZE;
  private static final int IMAGES = 2;
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};
  private static final EncoderConfig VIT = withoutDropPath(SmallModels.VIT);
  private static final EncoderConfig SWIN = withoutDropPath(SmallModels.SWIN);

  private final float[] pixels = SmallModels.pixels(IMAGES, 3);

  private static EncoderConfig withoutDropPath(EncoderConfig e) {
    return new EncoderConfig(
        e.type(),
        e.patchSize(),
        e.embedDim(),
        e.depth(),
        e.numHeads(),
        e.windowSize(),
        e.mainNormInterval(),
        e.mlpRatio(),
        e.qkvBias(),
        e.absolutePosition(),
        e.relativePositionBias(),
        e.layerScaleInit(),
        0);
  }

  @Test
  void predictsAtALowerResolution() {
    for (int downsampling : new int[] {1, 2, 4, 8}) {
      assertLoss(VIT, HeadType.LINEAR, TargetConfig.pixels(downsampling, 0), LossConfig.SIMMIM);
    }
    assertLoss(SWIN, HeadType.LINEAR, TargetConfig.pixels(16, 0), LossConfig.SIMMIM);
    assertLoss(
        SWIN,
        HeadType.LINEAR,
        TargetConfig.pixels(16, 0),
        new LossConfig(LossType.L2, LossArea.FULL));
  }

  @Test
  void predictsWithTwoLayers() {
    assertLoss(VIT, HeadType.MLP, TargetConfig.PIXELS, LossConfig.SIMMIM);
  }

  @Test
  void normalisesTargetsByTheirCell() {
    assertLoss(VIT, HeadType.LINEAR, TargetConfig.PIXELS_NORMALISED_PER_CELL, LossConfig.SIMMIM);
  }

  @Test
  void tellsBinsOfColoursApart() {
    for (int bins : new int[] {2, 8, 256}) {
      TargetConfig target = SmallModels.bins(bins == 256 ? 4 : 1, bins);
      assertLoss(VIT, HeadType.LINEAR, target, SmallModels.crossEntropy(LossArea.MASKED));
    }
    assertLoss(
        SWIN, HeadType.LINEAR, SmallModels.bins(2, 4), SmallModels.crossEntropy(LossArea.FULL));
  }

  @Test
  void tellsClustersOfColoursApart() {
    assertLoss(
        VIT, HeadType.LINEAR, SmallModels.clusters(1), SmallModels.crossEntropy(LossArea.MASKED));
    assertLoss(
        SWIN, HeadType.MLP, SmallModels.clusters(4), SmallModels.crossEntropy(LossArea.FULL));
  }

  /** Masks of 4 pixels in cells of 16: target pixels of 4 and of 1 image pixels fit into them. */
  @Test
  void countsMaskedPartsOfCellsAtALowerResolution() {
    assertLoss(SWIN, HeadType.LINEAR, TargetConfig.pixels(4, 0), LossConfig.SIMMIM, 16);
    assertLoss(SWIN, HeadType.LINEAR, TargetConfig.pixels(2, 0), LossConfig.SIMMIM, 16);
    assertLoss(SWIN, HeadType.LINEAR, TargetConfig.pixels(8, 0), LossConfig.SIMMIM, 8);
  }

  private void assertLoss(
      EncoderConfig encoder, HeadType head, TargetConfig target, LossConfig loss) {
    assertLoss(encoder, head, target, loss, SmallModels.MASK_SIDE);
  }

  private void assertLoss(
      EncoderConfig encoder, HeadType head, TargetConfig target, LossConfig loss, int maskSide) {
    ModelConfig config =
        new ModelConfig(
            SIZE,
            maskSide,
            new ModelChoices(
                ObjectiveConfig.SIMMIM, encoder, new HeadConfig(head, 4), target, loss),
            false);
    byte[] masks = SmallModels.masks(maskSide, IMAGES, 3);
    MicroBatch batch = MicroBatch.normalised(SIZE, maskSide, pixels, masks);
    try (TrainingModel model = TrainingModel.create(SmallModels.trainer(config, Precision.FP32))) {
      model.accumulateNow(SmallModels.batch(config, IMAGES, 1), 0, 1);
      model.update(0.01); // so that biases are not zero
      double[][] outputs = outputs(model.headInput(batch), parameters(model), head);

      double expected = expected(config, outputs, masks);

      assertThat(model.accumulateNow(batch, 1, 1)).isCloseTo(expected, within(2e-5 * expected));
    }
  }

  /** What the head says about each cell. */
  private static double[][] outputs(
      float[] features, Map<String, float[]> parameters, HeadType head) {
    float[] bias = parameters.get("decoder.0.bias");
    float[] weight = parameters.get("decoder.0.weight");
    int width = weight.length / bias.length;
    double[][] outputs = new double[features.length / width][];
    for (int cell = 0; cell < outputs.length; cell++) {
      double[] feature = new double[width];
      for (int c = 0; c < width; c++) {
        feature[c] = features[cell * width + c];
      }
      double[] said = linear(feature, weight, bias);
      if (head == HeadType.MLP) {
        for (int i = 0; i < said.length; i++) {
          said[i] = said[i] * 0.5 * (1 + erf(said[i] / Math.sqrt(2)));
        }
        said = linear(said, parameters.get("decoder.2.weight"), parameters.get("decoder.2.bias"));
      }
      outputs[cell] = said;
    }
    return outputs;
  }

  private static double[] linear(double[] x, float[] weight, float[] bias) {
    double[] y = new double[bias.length];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += weight[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  /** By its Taylor series, which converges fast for the small values here. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 60; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  private double expected(ModelConfig config, double[][] outputs, byte[] masks) {
    int cell = config.encoder().stride();
    int grid = SIZE / cell;
    int step = config.target().downsampling();
    int perSide = cell / step;
    int maskPatch = SIZE / config.maskSide();
    double sum = 0;
    long counted = 0;
    for (int image = 0; image < IMAGES; image++) {
      for (int y = 0; y < SIZE; y += step) {
        for (int x = 0; x < SIZE; x += step) {
          int mask = (image * config.maskSide() + y / maskPatch) * config.maskSide();
          if (config.loss().area() == LossArea.MASKED && masks[mask + x / maskPatch] == 0) {
            continue;
          }
          double[] said = outputs[(image * grid + y / cell) * grid + x / cell];
          int place = y % cell / step * perSide + x % cell / step;
          sum += loss(config, said, place, perSide * perSide, image, y, x);
          counted++;
        }
      }
    }
    return sum / counted;
  }

  /** Mean over the channels of one target pixel. */
  private double loss(
      ModelConfig config, double[] said, int place, int places, int image, int y, int x) {
    TargetConfig target = config.target();
    int step = target.downsampling();
    double[] value = new double[3];
    for (int c = 0; c < 3; c++) {
      value[c] = mean(image, c, y, x, step);
    }
    if (target.type() == TargetType.PIXELS) {
      if (target.normPerCell()) {
        normalise(value, config.encoder().stride(), image, y, x);
      }
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        double d = said[c * places + place] - value[c];
        sum += config.loss().type() == LossType.L2 ? d * d : Math.abs(d);
      }
      return sum / 3;
    }
    for (int c = 0; c < 3; c++) {
      value[c] = value[c] * DEVIATION[c] + MEAN[c];
    }
    if (target.type() == TargetType.CLUSTERS) {
      return crossEntropy(said, 0, target.clusters(), places, place, nearest(value));
    }
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      int bin =
          (int) Math.max(0, Math.min(target.bins() - 1, Math.floor(value[c] * target.bins())));
      sum += crossEntropy(said, c * target.bins(), target.bins(), places, place, bin);
    }
    return sum / 3;
  }

  private double mean(int image, int channel, int y, int x, int step) {
    double sum = 0;
    for (int i = 0; i < step * step; i++) {
      int row = (image * 3 + channel) * SIZE + y / step * step + i / step;
      sum += pixels[row * SIZE + x / step * step + i % step];
    }
    return sum / (step * step);
  }

  private void normalise(double[] value, int cell, int image, int y, int x) {
    double sum = 0;
    double squares = 0;
    int n = 3 * cell * cell;
    for (int i = 0; i < n; i++) {
      int inCell = i % (cell * cell);
      int row = (image * 3 + i / (cell * cell)) * SIZE + y / cell * cell + inCell / cell;
      double p = pixels[row * SIZE + x / cell * cell + inCell % cell];
      sum += p;
      squares += p * p;
    }
    double mean = sum / n;
    double variance = (squares - n * mean * mean) / (n - 1);
    for (int c = 0; c < 3; c++) {
      value[c] = (value[c] - mean) / Math.sqrt(variance + 1e-6);
    }
  }

  private static int nearest(double[] color) {
    float[] centres = SmallModels.COLORS.values();
    int nearest = 0;
    double least = Double.MAX_VALUE;
    for (int k = 0; k < centres.length / 3; k++) {
      double distance = 0;
      for (int c = 0; c < 3; c++) {
        distance += Math.pow(color[c] - centres[3 * k + c] / 255, 2);
      }
      if (distance < least) {
        least = distance;
        nearest = k;
      }
    }
    return nearest;
  }

  private static double crossEntropy(
      double[] said, int first, int classes, int places, int place, int wanted) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += Math.exp(said[(first + k) * places + place]);
    }
    return Math.log(sum) - said[(first + wanted) * places + place];
  }

  private static Map<String, float[]> parameters(TrainingModel model) {
    Map<String, float[]> parameters = new TreeMap<>();
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      for (int i = 0; i < snapshot.tensors().size(); i++) {
        TensorSpec spec = snapshot.tensors().get(i);
        ByteBuffer bytes = ByteBuffer.allocate((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        snapshot.read(i, 0, bytes);
        float[] values = new float[bytes.flip().remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        if (spec.name().startsWith("param/")) {
          parameters.put(spec.name().substring("param/".length()), values);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return parameters;
  }
}
