package io.simmim.operators.image.format;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.apache.flink.util.ExceptionUtils;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Loads OpenCV's native libraries, once per class loader, in a thread of its own: JavaCPP locks a
 * file meanwhile, which fails in a thread that is interrupted, as that of a task is when another
 * task has failed. Classes whose loading failed once would not be there for any later task.
 */
final class OpenCvLibrary {
  private OpenCvLibrary() {}

  static void load() {
    // JavaCPP would count the process's whole memory, libtorch's included, against a limit that it
    // derives from the heap size, and answer with System.gc() and OutOfMemoryError. Our buffers are
    // bounded by the pixel limit and closed by us.
    setDefault("org.bytedeco.javacpp.maxbytes", "0");
    setDefault("org.bytedeco.javacpp.maxphysicalbytes", "0");
    // Without it a thread of JavaCPP's would keep the class loader of a finished job alive.
    setDefault("org.bytedeco.javacpp.nopointergc", "true");
    // No "-gpu", for which it would look for two dozen libraries of CUDA all over the class path.
    setDefault("org.bytedeco.javacpp.platform.extension", "");
    FutureTask<Void> loading = new FutureTask<>(OpenCvLibrary::loadAll, null);
    Thread thread = new Thread(loading, "simmim-load-opencv");
    thread.setDaemon(true);
    thread.start();
    await(loading);
  }

  private static void loadAll() {
    opencv_core.setNumThreads(1);
    Loader.load(opencv_imgcodecs.class);
    new BytePointer(1).close();
    new Mat().close();
  }

  /** An interrupt is kept for later. */
  private static void await(Future<Void> loading) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          loading.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          ExceptionUtils.rethrow(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
