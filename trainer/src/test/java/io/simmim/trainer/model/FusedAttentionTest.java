package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.Precision;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Attention with a bias as GPUs compute it, by one fused kernel, against its matrix products. On
 * the CPU the fused one returns no gradient of the bias, but its values and other gradients.
 */
class FusedAttentionTest {
  private static final int HEADS = 2;
  private static final int HEAD_WIDTH = 4;

  /** More than the place of any parameter of a block that attention looks up. */
  private static final int PARAMETERS = 8;

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
            "spelled", "(self).spelled_attention(q, k, v, bias, )");
    NDList results = run(source(VIT, 16, Precision.FP32, calls), 3, 5, new Shape(HEADS, 5, 5));

    assertSame(results);
  }

  /** 8 windows of 3 × 3 patches: with one bias for all, and with one for each of 4 in an image. */
  @ParameterizedTest
  @CsvSource({"SWIN, 1", "SWIN, 4", "SWINV2, 1", "SWINV2, 4"})
  void isTheSameForWindows(EncoderType type, int biases) {
    Shape bias = biases == 1 ? new Shape(HEADS, 9, 9) : new Shape(biases, HEADS, 9, 9);
    Map<String, String> calls =
        Map.of(
            "fused", "(self).fused_windows(q, k, v, bias, p, 0, )",
            "spelled", "(self).spelled_windows(q, k, v, bias, p, 0, )");
    TorchScriptSource source =
        source(SwinEncoderTest.config(type, 8, 2), 32, Precision.FP32, calls);

    NDList results = run(source, 8, 9, bias);

    assertSame(results);
  }

  @Test
  void isNothingForNoImages() {
    Map<String, String> calls =
        Map.of("fused", "(self).plain_attention(q, k, v, )", "spelled", "v");

    NDList results = run(source(VIT, 16, Precision.FP32, calls), 0, 5, new Shape(HEADS, 5, 5));

    assertThat(results.get(0).getShape()).isEqualTo(new Shape(0, HEADS, 5, HEAD_WIDTH));
    assertSame(results);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void isNotUsedOnTheCpu(Precision precision) {
    TorchScriptSource source = source(VIT, 16, precision, Map.of("fused", "q", "spelled", "q"));
    TorchRuntime.prepareThread(1);
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray queries = manager.ones(new Shape(3, HEADS, 5, HEAD_WIDTH));

      assertThat(module.call("choice", new NDList(queries)).get(0).toFloatArray())
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

  private static NDList run(TorchScriptSource source, int count, int tokens, Shape bias) {
    Random random = new Random(5);
    Shape shape = new Shape(count, HEADS, tokens, HEAD_WIDTH);
    TorchRuntime.prepareThread(1);
    NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    NDList arguments = new NDList();
    for (int i = 0; i < 3; i++) {
      arguments.add(learned(random(manager, random, shape)));
    }
    arguments.add(random(manager, random, bias));
    arguments.add(random(manager, random, shape));
    for (int i = 0; i < PARAMETERS; i++) {
      NDArray parameter = learned(random(manager, random, new Shape(HEADS, 1, 1)));
      parameter.setName("p[]");
      arguments.add(parameter);
    }
    try (TorchModule module = TorchModule.compile(source, Device.cpu())) {
      return module.call("compare", arguments);
    }
  }

  private static NDArray learned(NDArray array) {
    array.setRequiresGradient(true);
    return array;
  }

  private static NDArray random(NDManager manager, Random random, Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, shape);
  }

  /** Compares both results, then both lists of gradients, and closes them. */
  private static void assertSame(NDList results) {
    try (NDManager manager = results.get(0).getManager()) {
      assertThat(manager.isOpen()).isTrue();
      int sources = (results.size() - 2) / 2;
      compare(results.get(0), results.get(1));
      for (int i = 0; i < sources; i++) {
        compare(results.get(2 + i), results.get(2 + sources + i));
      }
    }
  }

  private static void compare(NDArray fused, NDArray spelled) {
    float[] expected = spelled.toFloatArray();
    float[] found = fused.toFloatArray();
    assertThat(found).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs((double) found[i] - expected[i]));
    }
    assertThat(difference).isLessThanOrEqualTo(1e-5 * largest);
  }
}
