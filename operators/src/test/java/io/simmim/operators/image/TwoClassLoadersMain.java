package io.simmim.operators.image;

import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes with OpenCV in two class loaders of this JVM that share nothing, as two submissions to
 * one cluster do: both alive, then the second after the first has gone, then a third. Prints a
 * digest of the pixels each time.
 */
public final class TwoClassLoadersMain {
  private TwoClassLoadersMain() {}

  /** Runs all of it; {@code args[0]} is a JPEG. */
  public static void main(String[] args) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    URL[] classPath = urls.toArray(new URL[0]);
    try (URLClassLoader second = isolated(classPath)) {
      try (URLClassLoader first = isolated(classPath)) {
        decode(first, args[0]);
        decode(second, args[0]);
        decode(first, args[0]);
      }
      System.gc();
      decode(second, args[0]);
      try (URLClassLoader third = isolated(classPath)) {
        decode(third, args[0]);
      }
    }
  }

  private static URLClassLoader isolated(URL[] classPath) {
    return new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
  }

  private static void decode(ClassLoader loader, String file) throws ReflectiveOperationException {
    Class<?> type = loader.loadClass("io.simmim.operators.image.OpenCvDigest");
    if (type.getClassLoader() != loader) {
      throw new IllegalStateException("the class loaders are not separate");
    }
    Method digest = type.getMethod("of", String.class);
    System.out.println("digest " + digest.invoke(null, file));
  }
}
