package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.loop.RoundingTolerance;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.encoder.VitEncoder;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares loss and gradients with a plain spelling of the model in float64, for many
 * configurations.
 */
@Tag("slow")
class VitReferenceTest {
  private static final int IMAGE_SIZE = 32;
  private static final int PATCH = 8;
  private static final int IMAGES = 5;
  private static final long SEED = 3;

  /**
   * More than the model predicts of any pixel. The gradient of |x| jumps at 0, so where a
   * prediction meets its pixel the last bit would decide.
   */
  private static final double FAR = 4;

  static Stream<EncoderConfig> configurations() {
    return Stream.of(
        encoder(3, 4, true, false, RelativePositionBias.SHARED, 0.1, 0),
        encoder(3, 4, true, false, RelativePositionBias.SHARED, 0.1, 0.5),
        encoder(3, 4, true, true, RelativePositionBias.NONE, 0, 0.5),
        encoder(2, 2.67, false, false, RelativePositionBias.PER_BLOCK, 0, 0),
        encoder(2, 4, true, true, RelativePositionBias.PER_BLOCK, 0.1, 0.9),
        encoder(2, 1, false, true, RelativePositionBias.SHARED, 1e-5, 0),
        encoder(1, 4, true, false, RelativePositionBias.NONE, 0.1, 0));
  }

  private static EncoderConfig encoder(
      int depth,
      double mlpRatio,
      boolean qkvBias,
      boolean absolute,
      RelativePositionBias bias,
      double layerScale,
      double dropPath) {
    return new EncoderConfig(
        EncoderType.VIT,
        PATCH,
        24,
        List.of(depth),
        List.of(3),
        0,
        0,
        mlpRatio,
        qkvBias,
        absolute,
        bias,
        layerScale,
        dropPath);
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void agreesWithAPlainSpelling(EncoderConfig encoder) throws Exception {
    compare(encoder, 2, 0.5);
    compare(encoder, 4, 0.3);
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void agreesWhereNothingOrEverythingIsMasked(EncoderConfig encoder) throws Exception {
    compare(encoder, 1, 0);
    compare(encoder, 1, 1);
  }

  private static void compare(EncoderConfig encoder, int maskSide, double ratio) throws Exception {
    Random random = new Random(11);
    float[] pixels = new float[IMAGES * 3 * IMAGE_SIZE * IMAGE_SIZE];
    for (int i = 0; i < pixels.length; i++) {
      double value = random.nextGaussian();
      pixels[i] = (float) (value + Math.copySign(FAR, value));
    }
    byte[] masks = new byte[IMAGES * maskSide * maskSide];
    for (int i = 0; i < masks.length; i++) {
      masks[i] = (byte) (random.nextDouble() < ratio ? 1 : 0);
    }
    TrainerConfig config =
        new TrainerConfig(
            ModelConfig.simmim(IMAGE_SIZE, maskSide, encoder),
            ClusterColors.NONE,
            new OptimizerConfig(0, 0.9, 0.999, 1e-8, 0),
            Precision.FP32,
            1,
            "cpu",
            SEED);
    try (TrainingModel model = TrainingModel.create(config)) {
      model.accumulateNow(SmallStep.of(encoder, maskSide), 0, 1);
      model.update(0.05); // so that tables and biases are not zero
      RoundingTolerance tolerance = reference(model, encoder, pixels, masks, maskSide);
      double loss =
          model.accumulateNow(
              MicroBatch.normalised(IMAGE_SIZE, maskSide, pixels, masks), SmallStep.NUMBER, 1);

      tolerance.assertMetBy(0, "loss", new float[] {(float) loss});
      try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
        List<float[]> found = tensors(snapshot, "grad/");
        assertThat(found).hasSize(tolerance.results() - 1);
        for (int i = 0; i < found.size(); i++) {
          tolerance.assertMetBy(i + 1, model.parameters().get(i).name(), found.get(i));
        }
      }
    }
  }

  /** A model without position bias has no such constant; the reference does not look at it. */
  private static long[] tableRows(Encoder vit) {
    return vit.constants().isEmpty()
        ? new long[1]
        : ((ConstantTensor.Integers) vit.constants().get(0)).values();
  }

  private static RoundingTolerance reference(
      TrainingModel model, EncoderConfig encoder, float[] pixels, byte[] masks, int maskSide)
      throws Exception {
    int side = IMAGE_SIZE / PATCH;
    double[] mask = new double[IMAGES * side * side];
    for (int i = 0; i < mask.length; i++) {
      int row = i / side % side * maskSide / side;
      int column = i % side * maskSide / side;
      mask[i] = masks[(i / (side * side) * maskSide + row) * maskSide + column];
    }
    VitEncoder vit = new VitEncoder(encoder, IMAGE_SIZE);
    DropPath dropPath = DropPath.draw(vit.dropPathRates(), IMAGES, SEED, SmallStep.NUMBER);
    double[] factors = new double[dropPath.branches() * IMAGES];
    for (int branch = 0; branch < dropPath.branches(); branch++) {
      for (int image : dropPath.kept(branch)) {
        factors[branch * IMAGES + image] = dropPath.scales()[branch / 2];
      }
    }
    List<double[]> inputs = new ArrayList<>(List.of(doubles(pixels)));
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      tensors(snapshot, "param/").forEach(values -> inputs.add(doubles(values)));
    }
    TorchRuntime.prepareThread(1);
    try (TorchModule module =
            TorchModule.compile(new ReferenceSource(encoder, IMAGE_SIZE).build(), Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      return RoundingTolerance.of(
          inputs,
          values -> {
            NDList parameters = new NDList();
            for (int i = 1; i < values.size(); i++) {
              Shape shape = new Shape(model.parameters().get(i - 1).shape());
              NDArray parameter = manager.create(values.get(i), shape);
              parameter.setRequiresGradient(true);
              parameters.add(parameter);
            }
            Arguments arguments =
                new Arguments()
                    .tensor(
                        manager.create(values.get(0), new Shape(IMAGES, 3, IMAGE_SIZE, IMAGE_SIZE)))
                    .tensor(manager.create(mask, new Shape(IMAGES, side, side)))
                    .tensor(manager.create(factors, new Shape(dropPath.branches(), IMAGES)))
                    .tensor(manager.create(tableRows(vit)))
                    .tensors(parameters);
            return module.call(manager, "gradients", arguments).stream()
                .map(NDArray::toDoubleArray)
                .toList();
          });
    }
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static List<float[]> tensors(StateSnapshot snapshot, String prefix) throws Exception {
    List<float[]> result = new ArrayList<>();
    for (int i = 0; i < snapshot.tensors().size(); i++) {
      TensorSpec spec = snapshot.tensors().get(i);
      if (spec.name().startsWith(prefix)) {
        ByteBuffer bytes = ByteBuffer.allocate((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        snapshot.read(i, 0, bytes);
        float[] values = new float[(int) spec.elements()];
        bytes.flip().asFloatBuffer().get(values);
        result.add(values);
      }
    }
    return result;
  }

  /** A first micro-batch that moves every parameter. */
  private static final class SmallStep {
    static final long NUMBER = 9;

    static MicroBatch of(EncoderConfig encoder, int maskSide) {
      Random random = new Random(encoder.blocks());
      float[] pixels = new float[2 * 3 * IMAGE_SIZE * IMAGE_SIZE];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextGaussian();
      }
      byte[] masks = new byte[2 * maskSide * maskSide];
      masks[0] = 1;
      return MicroBatch.normalised(IMAGE_SIZE, maskSide, pixels, masks);
    }
  }
}
