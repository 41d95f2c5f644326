package io.simmim.trainer.operator.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TorchFailureTest {
  /** The real text of libtorch, whose last line with a reason is replaced for other reasons. */
  private static String message() {
    TorchRuntime.prepareThread(1);
    TorchScriptSource source = new TorchScriptSource();
    source.add(TorchModule.class, "module-test.torchscript", Map.of());
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Arguments arguments =
          new Arguments()
              .tensor(manager.create(2f))
              .tensors(new NDList(manager.ones(new Shape(2))))
              .tensor(manager.ones(new Shape(3)));
      return catchThrowable(() -> module.call(manager, "weighted_sum", arguments)).getMessage();
    }
  }

  private static Throwable saying(String reason) {
    String message = message();
    return new IllegalStateException(
        new EngineException(message.replace(TorchFailure.reason(message), reason)));
  }

  @Test
  void theReasonComesAfterWhereItFailed() {
    String message = message();

    assertThat(message.lines()).hasSizeGreaterThan(3);
    assertThat(message.lines().findFirst().orElseThrow()).doesNotContain("must match");
    assertThat(TorchFailure.reason(message))
        .isEqualTo(
            "RuntimeError: The size of tensor a (3) must match the size of tensor b (2) at"
                + " non-singleton dimension 0");
  }

  @Test
  void otherMessagesBeginWithTheirReason() {
    assertThat(TorchFailure.reason("no such tensor\nIOError: not this"))
        .isEqualTo("no such tensor");
    assertThat(TorchFailure.reason("")).isEmpty();
  }

  @Test
  void memoryThatWasMissingLeavesTheGpuUsable() {
    for (String reason :
        new String[] {
          "CUDA out of memory. Tried to allocate 2.00 GiB.",
          "CUDA error: out of memory\n"
              + "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.",
          "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"
        }) {
      Throwable failure = saying("RuntimeError: " + reason);

      assertThat(TorchFailure.outOfMemory(failure)).contains(reason.lines().findFirst().get());
      assertThat(TorchFailure.lost(failure)).isEmpty();
    }
  }

  @Test
  void afterOtherErrorsOfCudaTheGpuIsLost() {
    Throwable failure =
        saying(
            "RuntimeError: CUDA error: an illegal memory access was encountered\n"
                + "CUDA kernel errors might be asynchronously reported at some other API call");

    assertThat(TorchFailure.lost(failure))
        .contains("CUDA error: an illegal memory access was encountered");
    assertThat(TorchFailure.outOfMemory(failure)).isEmpty();
  }

  @Test
  void whatHasNothingToDoWithTheGpuIsNeither() {
    Throwable failure = new IllegalStateException(new OutOfMemoryError("Java heap space"));

    assertThat(TorchFailure.lost(failure)).isEmpty();
    assertThat(TorchFailure.outOfMemory(failure)).isEmpty();
  }
}
