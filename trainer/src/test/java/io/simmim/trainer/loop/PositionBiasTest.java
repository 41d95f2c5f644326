package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** libtorch's fused attention would return no gradient of a position bias on the CPU. */
class PositionBiasTest {
  static Stream<EncoderConfig> encoders() {
    return Stream.of(SmallModels.VIT, SmallModels.SWIN, SmallModels.SWINV2);
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void hasAGradientOnTheCpu(EncoderConfig encoder) throws Exception {
    ModelConfig config = ModelConfig.simmim(SmallModels.IMAGE_SIZE, SmallModels.MASK_SIDE, encoder);
    try (TrainingModel model = TrainingModel.create(SmallModels.trainer(config, Precision.FP32))) {
      // Norms of version 2 begin with 0, which hides everything before them.
      model.accumulateNow(SmallModels.batch(config, 4, 1), 0, 1);
      model.update(0.01);
      model.accumulateNow(SmallModels.batch(config, 4, 2), 1, 1);
      try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
        List<String> names = snapshot.tensors().stream().map(TensorSpec::name).toList();
        assertThat(names)
            .filteredOn(name -> name.matches("grad/.*(bias_table|cpb_mlp.2.weight)"))
            .isNotEmpty()
            .allSatisfy(
                name -> assertThat(norm(snapshot, names.indexOf(name))).as(name).isPositive());
      }
    }
  }

  private static double norm(StateSnapshot snapshot, int tensor) throws Exception {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) snapshot.tensors().get(tensor).bytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    snapshot.read(tensor, 0, bytes);
    double sum = 0;
    for (bytes.flip(); bytes.hasRemaining(); ) {
      sum += Math.pow(bytes.getFloat(), 2);
    }
    return Math.sqrt(sum);
  }
}
