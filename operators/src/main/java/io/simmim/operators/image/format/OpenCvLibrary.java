package io.simmim.operators.image.format;

import org.bytedeco.opencv.global.opencv_core;

/** Loads OpenCV's native libraries, once per class loader. */
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
    opencv_core.setNumThreads(1);
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
