package io.simmim.pipeline.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.gpu.NvidiaMachine.Card;
import io.simmim.schemas.UserError;
import io.simmim.trainer.torch.CudaBuild;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GpuSetupTest {
  private static final Card OLD = new Card("Tesla K80", "3.7", 11441);
  private static final Card GOOD = new Card("NVIDIA H100 80GB HBM3", "9.0", 81559);
  private static final Card UNKNOWN = new Card("NVIDIA L4", "", -1);

  private static NvidiaMachine machine(String driver, Card... cards) {
    return new NvidiaMachine(Optional.of(driver), List.of(cards), "");
  }

  @Test
  void saysWhatItFound() {
    assertThat(GpuSetup.report(machine("535.183.01", GOOD, UNKNOWN), CudaBuild.CUDA_12_4))
        .containsExactly(
            "driver     535.183.01 (older than CUDA 12.4, which came with 550.54.14: works by"
                + " CUDA's compatibility within a major release)",
            "gpu0       NVIDIA H100 80GB HBM3, compute capability 9.0, 81559 MiB",
            "gpu1       NVIDIA L4");
    assertThat(
            GpuSetup.report(
                new NvidiaMachine(Optional.empty(), List.of(), ""), CudaBuild.CUDA_12_4))
        .containsExactly("driver     none");
  }

  @Test
  void refusesAnOldDriver() {
    assertThatThrownBy(
            () -> GpuSetup.requireFitting(machine("470.256.02", GOOD), CudaBuild.CUDA_12_4))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("the NVIDIA driver is too old");
  }

  @Test
  void refusesCardsIfNoneFits() {
    assertThatThrownBy(
            () -> GpuSetup.requireFitting(machine("550.54.14", OLD), CudaBuild.CUDA_12_4))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Tesla K80 is too old");
    assertThatCode(
            () -> GpuSetup.requireFitting(machine("550.54.14", OLD, GOOD), CudaBuild.CUDA_12_4))
        .doesNotThrowAnyException();
    assertThatCode(
            () -> GpuSetup.requireFitting(machine("550.54.14", UNKNOWN), CudaBuild.CUDA_12_4))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesWhereALibtorchIsGivenByHand() {
    System.setProperty("PYTORCH_LIBRARY_PATH", "/opt/torch/lib");
    try {
      assertThatThrownBy(GpuSetup::requireChoice)
          .isInstanceOf(UserError.class)
          .hasMessage(
              "PYTORCH_LIBRARY_PATH names the libtorch that all runs here take, whatever this command"
                  + " finds: unset it, or leave it at that: /opt/torch/lib");
    } finally {
      System.clearProperty("PYTORCH_LIBRARY_PATH");
    }
  }
}
