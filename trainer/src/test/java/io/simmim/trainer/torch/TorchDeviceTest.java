package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TorchDeviceTest {
  private static final Path LIBRARIES = Path.of("/opt/torch/lib");

  @Test
  void refusesAGpuWithLibtorchForTheCpu() {
    assertThatThrownBy(() -> TorchDevice.requireGpu(0, LIBRARIES, false, 0))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "training.device is gpu0, but libtorch in /opt/torch/lib, which PYTORCH_LIBRARY_PATH"
                + " names, is for the CPU: name one for CUDA, or unset it and run bin/simmim gpu");
    assertThatCode(() -> TorchDevice.require("cpu")).doesNotThrowAnyException();
  }

  @Test
  void tellsWhichGpusThereAre() {
    assertRefused(
        0,
        0,
        "training.device is gpu0, but libtorch finds no GPU: see whether nvidia-smi lists one here"
            + " and CUDA_VISIBLE_DEVICES does not hide it, or set training.device=cpu");
    assertRefused(7, 1, "training.device is gpu7, but the only GPU here is gpu0");
    assertRefused(8, 8, "training.device is gpu8, but the GPUs here are gpu0 to gpu7");
    assertThatCode(() -> TorchDevice.requireGpu(7, LIBRARIES, true, 8)).doesNotThrowAnyException();
  }

  private static void assertRefused(int number, int gpus, String message) {
    assertThatThrownBy(() -> TorchDevice.requireGpu(number, LIBRARIES, true, gpus))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
