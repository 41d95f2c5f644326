package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CudaBuildTest {
  @Test
  void refusesDriversOfEarlierReleasesOfCuda() {
    assertThat(CudaBuild.CUDA_12_4.refusalOfDriver("470.256.02"))
        .contains(
            "the NVIDIA driver is too old for libtorch 2.5.1 for CUDA 12.4: 470.256.02 (needed:"
                + " 525.60.13, better 550.54.14 or newer)");
    assertThat(CudaBuild.CUDA_12_4.refusalOfDriver("525.60.12")).isPresent();
    assertThat(CudaBuild.CUDA_12_4.refusalOfDriver("525.60.13")).isEmpty();
    assertThat(CudaBuild.CUDA_12_4.refusalOfDriver("1000.1")).isEmpty();
  }

  @Test
  void saysOfADriverThatItIsOlderThanTheVersionOfCuda() {
    assertThat(CudaBuild.CUDA_12_4.cautionOfDriver("535.183.01"))
        .contains(
            "older than CUDA 12.4, which came with 550.54.14: works by CUDA's compatibility within"
                + " a major release");
    assertThat(CudaBuild.CUDA_12_4.cautionOfDriver("550.54.14")).isEmpty();
    assertThat(CudaBuild.CUDA_12_8.cautionOfDriver("550.54.14")).isPresent();
  }

  @Test
  void refusesCardsThatNoKernelIsCompiledFor() {
    assertThat(CudaBuild.CUDA_12_4.refusalOfCard("NVIDIA B200", "10.0"))
        .contains(
            "NVIDIA B200 is too new for libtorch 2.5.1 for CUDA 12.4: its compute capability is 10.0"
                + " (allowed: 5.0 to 9.0); give an installed PyTorch 2.7.1+cu128 by --library");
    assertThat(CudaBuild.CUDA_12_4.refusalOfCard("Tesla K80", "3.7"))
        .contains(
            "Tesla K80 is too old for libtorch 2.5.1 for CUDA 12.4: its compute capability is 3.7"
                + " (allowed: 5.0 to 9.0)");
    assertThat(CudaBuild.CUDA_12_4.refusalOfCard("NVIDIA H100", "9.0")).isEmpty();
    assertThat(CudaBuild.CUDA_12_4.refusalOfCard("NVIDIA L4", "8.9")).isEmpty();
  }

  @Test
  void refusesNoCardOfWhichNothingIsKnown() {
    assertThat(CudaBuild.CUDA_12_4.refusalOfCard("unknown", "")).isEmpty();
    assertThat(CudaBuild.CUDA_12_8.refusalOfCard("NVIDIA B200", "10.0")).isEmpty();
  }
}
