package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.Precision;
import org.junit.jupiter.api.Test;

class TrainerConfigTest {
  private static TrainerConfig config(int imageSize, int maskSide, int threads, String device) {
    return new TrainerConfig(
        ModelConfig.simmim(imageSize, maskSide, SmallModel.encoder(0)),
        ClusterColors.NONE,
        SmallModel.OPTIMIZER,
        Precision.FP32,
        threads,
        device,
        0);
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    assertRefused(() -> config(33, 2, 1, "cpu"), "encoder.patch-size must divide image.size 33: 8");
    assertRefused(
        () -> config(32, 3, 1, "cpu"),
        "the side of the mask grid must divide the model-patch grid 4: 3");
    assertRefused(
        () -> config(32, 2, -1, "cpu"),
        "training.threads must be at least 0 (0 = one per core): -1");
    assertRefused(
        () -> config(32, 2, 1, "cuda"), "training.device must be cpu or gpu0, gpu1 …: cuda");
  }

  @Test
  void countsCoresWhereItIsAskedToAndNotBefore() {
    TrainerConfig open = config(32, 2, 0, "cpu");

    assertThat(open.threads()).isZero();
    assertThat(open.settings().onThisMachine().threads())
        .isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(config(32, 2, 3, "cpu").settings().onThisMachine().threads()).isEqualTo(3);
  }

  private static void assertRefused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
