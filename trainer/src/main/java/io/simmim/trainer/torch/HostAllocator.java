package io.simmim.trainer.torch;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets glibc keep the memory of freed tensors instead of returning it to the kernel, which would
 * hand it out again page by page in every step: with the defaults each tensor above some 100 KB is
 * mapped, touched for the first time, and unmapped.
 *
 * <p>Applies to tensors below 32 MiB, the largest value that glibc allows. Whoever sets one of the
 * {@code MALLOC_…} variables of the environment decides alone.
 */
final class HostAllocator {
  private static final Logger LOG = LoggerFactory.getLogger(HostAllocator.class);

  private static final String ENVIRONMENT_PREFIX = "MALLOC_";

  /** Parameters of {@code mallopt} in malloc.h, in this order: trimming first, mapping last. */
  private static final int TRIM_THRESHOLD = -1;

  private static final int TOP_PAD = -2;
  private static final int MMAP_THRESHOLD = -3;

  private static final int LARGEST_MMAP_THRESHOLD = 32 << 20;

  /** More than a heap of a secondary arena (64 MiB), so that empty heaps are kept too. */
  private static final int KEPT_BYTES = 128 << 20;

  private HostAllocator() {}

  static void keepFreedMemory() {
    if (!Platform.isLinux() || isConfigured(System.getenv())) {
      return;
    }
    try {
      Function mallopt = Function.getFunction(Platform.C_LIBRARY_NAME, "mallopt");
      boolean accepted =
          set(mallopt, TRIM_THRESHOLD, Integer.MAX_VALUE)
              && set(mallopt, TOP_PAD, KEPT_BYTES)
              && set(mallopt, MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD);
      LOG.debug("malloc keeps freed memory: {}", accepted);
    } catch (UnsatisfiedLinkError e) {
      LOG.debug("this C library has no mallopt; steps on the CPU will be slower", e);
    }
  }

  private static boolean set(Function mallopt, int parameter, int value) {
    return mallopt.invokeInt(new Object[] {parameter, value}) == 1;
  }

  private static boolean isConfigured(Map<String, String> environment) {
    return environment.keySet().stream().anyMatch(name -> name.startsWith(ENVIRONMENT_PREFIX));
  }
}
