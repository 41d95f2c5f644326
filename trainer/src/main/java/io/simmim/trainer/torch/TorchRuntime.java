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
 * folder ({@code DJL_CACHE_DIR}, else {@code ~/.djl.ai}, else below {@code java.io.tmpdir}); those
 * for a GPU are what {@link CudaLibraries} finds. Where {@code PYTORCH_LIBRARY_PATH} is set, as
 * variable or system property, it decides instead.
 *
 * <p>A process has one libtorch: the one of its first job. One for CUDA computes on the CPU too.
 */
public final class TorchRuntime {
  static final String ENGINE = "PyTorch";

  /** One lock for all class loaders of the JVM: they share the process and the cache folder. */
  private static final Object PROCESS_LOCK = "io.simmim.trainer.torch.TorchRuntime".intern();

  private static boolean started;

  /** What was loaded that is not of the class path; null if that is. */
  private static TorchLibrary outside;

  private TorchRuntime() {}

  /**
   * Loads libtorch for the CPU unless this class loader has loaded one.
   *
   * @throws UserError if the libraries cannot be unpacked or loaded
   */
  public static void start() {
    start("cpu");
  }

  /**
   * Loads the libtorch for a device unless this class loader has loaded one.
   *
   * @param device {@code cpu}, or {@code gpu0} and so on
   * @throws UserError if the libraries cannot be unpacked or loaded, are not there, or if the
   *     process has one for the CPU only
   */
  @SuppressWarnings("StaticGuardedByInstance") // the lock outlives the class, on purpose
  public static void start(String device) {
    synchronized (PROCESS_LOCK) {
      if (!started) {
        NativePlatform.require();
        outside = LibraryChoice.of(device, CudaLibraries.ofThisMachine()).orElse(null);
        LibraryChoice.loading(outside, TorchRuntime::load);
        started = true;
      } else if (outside == null) {
        LibraryChoice.requireCpu(device);
      }
    }
  }

  /** Whether this class loader has loaded libtorch. */
  @SuppressWarnings("StaticGuardedByInstance")
  static boolean started() {
    synchronized (PROCESS_LOCK) {
      return started;
    }
  }

  /** Version of libtorch, with that of CUDA if it is for CUDA. */
  @SuppressWarnings("StaticGuardedByInstance")
  public static String version() {
    start();
    synchronized (PROCESS_LOCK) {
      return outside == null ? Engine.getEngine(ENGINE).getVersion() : outside.text();
    }
  }

  /** The folder that libtorch is unpacked into, which may not be there yet. */
  public static Path libraries() {
    return Utils.getEngineCacheDir("pytorch").toAbsolutePath();
  }

  private static void load() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.native_helper", NativeLoader.class.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // DJL looks for its engines, resources and the native helper in the context class loader.
    thread.setContextClassLoader(TorchRuntime.class.getClassLoader());
    Path cache = libraries();
    try {
      Files.createDirectories(cache);
      if (Files.isWritable(cache)) {
        loadAlone(cache);
      } else {
        Engine.getEngine(ENGINE); // all that it needs must be there
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new UserError(
          "cannot unpack and load libtorch in %s (set DJL_CACHE_DIR to a folder that can be written to, and where libraries may run): %s"
              .formatted(cache, reason(e)),
          e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Two JVMs that unpack at the same time would delete each other's files. */
  private static void loadAlone(Path cache) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            cache.resolve("simmim.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      Engine.getEngine(ENGINE);
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
