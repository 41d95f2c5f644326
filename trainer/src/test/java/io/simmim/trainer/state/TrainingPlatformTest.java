package io.simmim.trainer.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrainingPlatformTest {
  private static final TrainingPlatform CPU = new TrainingPlatform("2.7.1", "cpu", "AVX512", 2);

  @Test
  void saysWhatTrainedBefore() {
    TrainingPlatform gpu = new TrainingPlatform("2.5.1+cu124", "gpu0", "AVX512", 1);

    assertThat(CPU.changeFrom(CPU)).isEmpty();
    assertThat(gpu.changeFrom(CPU))
        .contains(
            "the checkpoint was trained with libtorch 2.7.1 on cpu, AVX512 kernels, 2 threads, this"
                + " run goes on with libtorch 2.5.1+cu124 on gpu0, AVX512 kernels, 1 thread:"
                + " correct, but not to the same bits");
  }
}
