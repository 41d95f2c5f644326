package io.simmim.trainer.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Utils;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Loads libtorch into the process, once per class loader, and prepares threads for it. Never
 * downloads anything: the libraries come from the class path and are unpacked into DJL's cache
 * folder ({@code DJL_CACHE_DIR}, else {@code ~/.djl.ai}, else below {@code java.io.tmpdir}).
 */
public final class TorchRuntime {
  static final String ENGINE = "PyTorch";

  /** One lock for all class loaders of the JVM: they share the process and the cache folder. */
  private static final Object PROCESS_LOCK = "io.simmim.trainer.torch.TorchRuntime".intern();

  private static boolean started;

  private TorchRuntime() {}

  /**
   * Loads libtorch unless this class loader has done so.
   *
   * @throws UserError if the libraries cannot be unpacked or loaded
   */
  @SuppressWarnings("StaticGuardedByInstance") // the lock outlives the class, on purpose
  public static void start() {
    synchronized (PROCESS_LOCK) {
      if (!started) {
        load();
        started = true;
      }
    }
  }

  /** Version of libtorch. */
  public static String version() {
    start();
    return Engine.getEngine(ENGINE).getVersion();
  }

  private static void load() {
    NativePlatform.require();
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.native_helper", NativeLoader.class.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // DJL looks for its engines, resources and the native helper in the context class loader.
    thread.setContextClassLoader(TorchRuntime.class.getClassLoader());
    Path cache = Utils.getEngineCacheDir("pytorch").toAbsolutePath();
    try {
      Files.createDirectories(cache);
      // Two JVMs that unpack at the same time would delete each other's files.
      try (FileChannel channel =
          FileChannel.open(
              cache.resolve("simmim.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock();
        Engine.getEngine(ENGINE);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new UserError(
          "cannot unpack and load libtorch in %s (set DJL_CACHE_DIR to a writable folder): %s"
              .formatted(cache, reason(e)),
          e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** DJL wraps what the system says. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString().lines().findFirst().orElse("");
  }

  /**
   * Prepares the calling thread: libtorch keeps the grad mode, the executor and the number of
   * threads of one operation per thread.
   */
  public static void prepareThread(int threads) {
    start();
    JniUtils.setGradMode(true);
    // The optimizing executor rewrites a method after its first calls, which changes roundings: a
    // resumed run would then differ from an undisturbed one.
    JniUtils.setGraphExecutorOptimize(false);
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
  }
}
