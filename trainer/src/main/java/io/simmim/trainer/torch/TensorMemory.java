package io.simmim.trainer.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What libtorch holds for this class loader's models. A tensor that nobody closes is not garbage
 * for Java, so it must be possible to see that there are not more and more of them.
 *
 * <p>Thread-safe.
 */
public final class TensorMemory {
  private static final AtomicLong HELD_BYTES = new AtomicLong();

  private TensorMemory() {}

  /** Tensors that were made and not closed, whoever made them. */
  public static int tensors() {
    if (!TorchRuntime.started()) {
      return 0; // which libtorch to load is for the model to say
    }
    try (NDManager any = NDManager.newBaseManager(Device.cpu(), TorchRuntime.ENGINE)) {
      return any.getParentManager().getManagedArrays().size(); // the parent of all managers
    }
  }

  /** Bytes of the states and snapshots that are open; activations come and go within a step. */
  public static long heldBytes() {
    return HELD_BYTES.get();
  }

  /** Adds to {@link #heldBytes} what its owner has taken, or given back if negative. */
  public static void add(long bytes) {
    HELD_BYTES.addAndGet(bytes);
  }

  /** Gives the memory of freed tensors back to a GPU; does nothing on a CPU. */
  public static void releaseCache(String device) {
    if (!device.equals("cpu")) {
      JniUtils.emptyCudaCache();
    }
  }
}
