package io.simmim.trainer.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.simmim.schemas.UserError;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether what {@code training.device} names is there. */
public final class TorchDevice {
  private static final String GPU = "gpu";

  /** {@code torch::cuda::device_count()}, which libtorch for the CPU has too. */
  private static final String DEVICE_COUNT = "_ZN5torch4cuda12device_countEv";

  private TorchDevice() {}

  /**
   * Refuses a device that libtorch cannot compute on here. Loads libtorch only if it is a GPU.
   *
   * @param device {@code cpu}, or {@code gpu0} and so on
   * @throws UserError that says what there is and what to do
   */
  public static void require(String device) {
    NativePlatform.require();
    if (device.startsWith(GPU)) {
      TorchRuntime.start(device);
      Path libraries = Path.of(LibUtils.getLibtorchPath());
      boolean forCuda = Files.exists(libraries.resolve(System.mapLibraryName("torch_cuda")));
      requireGpu(Integer.parseInt(device.substring(GPU.length())), libraries, forCuda, gpus());
    }
  }

  /**
   * Computes a little on a device.
   *
   * @throws UserError if that fails
   */
  public static void tryOut(String device) {
    require(device);
    try (NDManager manager =
        NDManager.newBaseManager(Device.fromName(device), TorchRuntime.ENGINE)) {
      NDArray ones = manager.ones(new Shape(64, 64));
      ones.matMul(ones).sum().getFloat();
    } catch (EngineException e) {
      throw new UserError(
          "%s is there, but libtorch %s cannot compute on it: %s"
              .formatted(
                  device, TorchRuntime.version(), e.getMessage().lines().findFirst().orElse("")),
          e);
    }
  }

  static void requireGpu(int number, Path libraries, boolean forCuda, int gpus) {
    if (number < gpus) {
      return;
    }
    String asked = "training.device is gpu%d, but ".formatted(number);
    if (!forCuda) {
      throw new UserError(
          asked
              + "libtorch in %s, which PYTORCH_LIBRARY_PATH names, is for the CPU: name one for CUDA, or unset it and run bin/simmim gpu"
                  .formatted(libraries));
    }
    if (gpus == 0) {
      throw new UserError(
          asked
              + "libtorch finds no GPU: see whether nvidia-smi lists one here and CUDA_VISIBLE_DEVICES does not hide it, or set training.device=cpu");
    }
    throw new UserError(
        asked
            + (gpus == 1
                ? "the only GPU here is gpu0"
                : "the GPUs here are gpu0 to gpu%d".formatted(gpus - 1)));
  }

  /** How many GPUs the loaded libtorch can use; without limit if it does not tell. */
  public static int gpus() {
    if (!Engine.getEngine(TorchRuntime.ENGINE).hasCapability(StandardCapabilities.CUDA)) {
      return 0;
    }
    try {
      Function count =
          NativeLibrary.getInstance(
                  Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"))
                      .toString())
              .getFunction(DEVICE_COUNT);
      return Math.toIntExact(count.invokeLong(new Object[0]));
    } catch (UnsatisfiedLinkError e) {
      return Integer.MAX_VALUE;
    }
  }
}
