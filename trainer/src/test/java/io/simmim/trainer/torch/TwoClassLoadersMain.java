package io.simmim.trainer.torch;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a model in two class loaders of this JVM that share nothing, one after the other and then
 * in the second alone, as two submissions to one cluster do. Prints the losses.
 */
public final class TwoClassLoadersMain {
  private TwoClassLoadersMain() {}

  public static void main(String[] args) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    URL[] classPath = urls.toArray(new URL[0]);
    URLClassLoader second;
    try (URLClassLoader first = isolated(classPath)) {
      train(first);
      second = isolated(classPath);
      train(second);
      train(first);
    }
    System.gc();
    train(second);
    train(second);
    second.close();
  }

  private static URLClassLoader isolated(URL[] classPath) {
    return new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
  }

  private static void train(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> type = loader.loadClass("io.simmim.trainer.loop.SmallModel");
    if (type.getClassLoader() != loader) {
      throw new IllegalStateException("the class loaders are not separate");
    }
    System.out.println("loss " + type.getMethod("lossOfOneStep").invoke(null));
  }
}
