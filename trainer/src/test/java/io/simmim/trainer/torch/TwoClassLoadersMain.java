package io.simmim.trainer.torch;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a model in two class loaders of this JVM that share nothing, one after the other and then
 * in the second alone, as two submissions to one cluster do. Prints the losses, and with which
 * libtorch.
 *
 * <p>Arguments: the device that libtorch is loaded for; the model is on the CPU.
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
      train(first, args[0]);
      second = isolated(classPath);
      train(second, args[0]);
      train(first, args[0]);
    }
    System.gc();
    train(second, args[0]);
    train(second, args[0]);
    second.close();
  }

  private static URLClassLoader isolated(URL[] classPath) {
    return new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
  }

  private static void train(ClassLoader loader, String device) throws ReflectiveOperationException {
    Class<?> type = loader.loadClass("io.simmim.trainer.loop.SmallModel");
    if (type.getClassLoader() != loader) {
      throw new IllegalStateException("the class loaders are not separate");
    }
    Class<?> runtime = loader.loadClass(TorchRuntime.class.getName());
    runtime.getMethod("start", String.class).invoke(null, device);
    System.out.println("libtorch " + runtime.getMethod("version").invoke(null));
    System.out.println("loss " + type.getMethod("lossOfOneStep").invoke(null));
  }
}
