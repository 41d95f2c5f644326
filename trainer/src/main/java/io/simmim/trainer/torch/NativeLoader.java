package io.simmim.trainer.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Loads one native library for DJL, also into a JVM in which another class loader has loaded it:
 * the JVM binds a library file to one class loader, and a cluster gives each submission its own.
 *
 * <p>libtorch itself has no Java methods, so being in the process is enough for it. The JNI library
 * is loaded once more from a private copy, which resolves against the libtorch that is there: two
 * copies of libtorch in one process would each have their own threads, allocators and registries.
 */
public final class NativeLoader {
  private static final String JNI_LIBRARY = "djl_torch";

  /** Compiles kernels at run time. It needs the driver, and without one there is nothing for it. */
  private static final String KERNEL_COMPILER = System.mapLibraryName("caffe2_nvrtc");

  private NativeLoader() {}

  /**
   * Called by DJL through the system property {@code ai.djl.pytorch.native_helper}.
   *
   * @param path absolute path of the library
   */
  public static void load(String path) {
    try {
      System.load(path);
    } catch (UnsatisfiedLinkError e) {
      if (path.endsWith(KERNEL_COMPILER)) {
        return; // libtorch opens it itself when it needs it
      }
      if (!String.valueOf(e.getMessage()).contains("already loaded in another classloader")) {
        throw e;
      }
      if (Path.of(path).getFileName().toString().contains(JNI_LIBRARY)) {
        loadCopy(Path.of(path));
      }
    }
  }

  private static void loadCopy(Path library) {
    try {
      Path copy = Files.createTempFile("djl_torch", ".so");
      try {
        Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
        System.load(copy.toString());
      } finally {
        Files.delete(copy); // the mapping keeps the file's content
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + library, e);
    }
  }
}
