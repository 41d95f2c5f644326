package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.loop.RoundingTolerance;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.encoder.SwinEncoderTest;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Attention with a bias as GPUs compute it, by one fused kernel, and as matrix products, both
 * against its definition in float64. On the CPU the fused one returns no gradient of the bias, but
 * its values and other gradients.
 */
class FusedAttentionTest {
  private static final int HEADS = 2;
  private static final int HEAD_WIDTH = 4;

  /** More than the place of any parameter of a block that attention looks up. */
  private static final int PARAMETERS = 8;

  private static final String DEFINITION = "(self).defined(q, k, v, bias, 0.5, )";
  private static final String DEFINITION_OF_VERSION_2 =
      "(self).defined(torch.mul((self).direction(q, ), (self).temperature(p, 0, )),"
          + " (self).direction(k, ), v, bias, 1., )";

  private static final EncoderConfig VIT =
      new EncoderConfig(
          EncoderType.VIT,
          8,
          HEADS * HEAD_WIDTH,
          List.of(1),
          List.of(HEADS),
          0,
          0,
          4,
          true,
          false,
          RelativePositionBias.SHARED,
          0,
          0);

  /** Of 2 × 2 patches and a class token. */
  @Test
  void isTheSameForImages() {
    Map<String, String> calls =
        Map.of(
            "fused", "(self).fused_attention(q, k, v, bias, 0.5, )",
            "spelled", "(self).spelled_attention(q, k, v, bias, )",
            "exact", DEFINITION);

    assertExact(source(VIT, 16, Precision.FP32, calls), 3, 5, new Shape(HEADS, 5, 5));
  }

  /** 8 windows of 3 × 3 patches: with one bias for all, and with one for each of 4 in an image. */
  @ParameterizedTest
  @CsvSource({"SWIN, 1", "SWIN, 4", "SWINV2, 1", "SWINV2, 4"})
  void isTheSameForWindows(EncoderType type, int biases) {
    Shape bias = biases == 1 ? new Shape(HEADS, 9, 9) : new Shape(biases, HEADS, 9, 9);
    Map<String, String> calls =
        Map.of(
            "fused", "(self).fused_windows(q, k, v, bias, p, 0, )",
            "spelled", "(self).spelled_windows(q, k, v, bias, p, 0, )",
            "exact", type == EncoderType.SWIN ? DEFINITION : DEFINITION_OF_VERSION_2);

    assertExact(source(SwinEncoderTest.config(type, 8, 2), 32, Precision.FP32, calls), 8, 9, bias);
  }

  /** Its scores are those that libtorch's kernel takes the softmax of. */
  @Test
  void isTheSameWithoutABias() {
    Map<String, String> calls =
        Map.of(
            "fused", "(self).plain_attention(q, k, v, )",
            "spelled", "torch.matmul(torch.softmax((self).plain_scores(q, k, ), -1), v)",
            "exact", "(self).defined(q, k, v, torch.mul(bias, 0.), 0.5, )");

    assertExact(source(VIT, 16, Precision.FP32, calls), 3, 5, new Shape(HEADS, 5, 5));
  }

  @Test
  void isNothingForNoImages() {
    Map<String, String> calls =
        Map.of("fused", "(self).plain_attention(q, k, v, )", "spelled", "v", "exact", "v");

    assertExact(source(VIT, 16, Precision.FP32, calls), 0, 5, new Shape(HEADS, 5, 5));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void isNotUsedOnTheCpu(Precision precision) {
    TorchScriptSource source =
        source(VIT, 16, precision, Map.of("fused", "q", "spelled", "q", "exact", "q"));
    TorchRuntime.prepareThread(1);
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray queries = manager.ones(new Shape(3, HEADS, 5, HEAD_WIDTH));

      assertThat(
              module.call(manager, "choice", new Arguments().tensor(queries)).get(0).toFloatArray())
          .containsExactly(0);
    }
  }

  private static TorchScriptSource source(
      EncoderConfig encoder, int imageSize, Precision precision, Map<String, String> calls) {
    TorchScriptSource source = new TorchScriptSource();
    new MaskedImageModel(ModelConfig.simmim(imageSize, 2, encoder), ClusterColors.NONE)
        .addTo(source, precision);
    return source.add(FusedAttentionTest.class, "attention.torchscript", calls);
  }

  private static void assertExact(TorchScriptSource source, int count, int tokens, Shape bias) {
    Shape shape = new Shape(count, HEADS, tokens, HEAD_WIDTH);
    List<Shape> shapes = new ArrayList<>(List.of(shape, shape, shape, bias, shape));
    for (int i = 0; i < PARAMETERS; i++) {
      shapes.add(new Shape(HEADS, 1, 1));
    }
    Random random = new Random(5);
    List<double[]> inputs = shapes.stream().map(s -> gaussian(random, s)).toList();
    TorchRuntime.prepareThread(1);
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      RoundingTolerance tolerance =
          RoundingTolerance.of(
              inputs,
              values ->
                  exact(
                      module.call(
                          manager, "exact", arguments(manager, shapes, values, DataType.FLOAT64))));
      NDList results =
          module.call(manager, "compare", arguments(manager, shapes, inputs, DataType.FLOAT32));

      assertThat(results.get(0).getShape()).isEqualTo(shape);
      assertThat(results).hasSize(2 * tolerance.results());
      for (int i = 0; i < results.size(); i++) {
        int result = i % tolerance.results();
        String name = "%s %d".formatted(i < tolerance.results() ? "fused" : "spelled out", result);
        tolerance.assertMetBy(result, name, results.get(i).toFloatArray());
      }
    }
  }

  private static double[] gaussian(Random random, Shape shape) {
    return random.doubles(shape.size()).map(unused -> (float) random.nextGaussian()).toArray();
  }

  private static List<double[]> exact(NDList results) {
    return results.stream().map(NDArray::toDoubleArray).toList();
  }

  /** Queries, keys, values, bias, weights of the sum, parameters; bias and weights are constant. */
  private static Arguments arguments(
      NDManager manager, List<Shape> shapes, List<double[]> values, DataType type) {
    Arguments arguments = new Arguments();
    NDList parameters = new NDList();
    for (int i = 0; i < shapes.size(); i++) {
      NDArray array = manager.create(values.get(i), shapes.get(i)).toType(type, false);
      array.setRequiresGradient(i != 3 && i != 4);
      if (i < 5) {
        arguments.tensor(array);
      } else {
        parameters.add(array);
      }
    }
    return arguments.tensors(parameters);
  }
}
