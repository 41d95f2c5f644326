package io.simmim.trainer.torch;

import ai.djl.util.Utils;
import io.simmim.schemas.UserError;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which libtorch a process loads. DJL asks for a libtorch outside of the class path by variables of
 * the environment or, as here, by system properties. They hold for the whole JVM, so they are there
 * while DJL loads only.
 */
public final class LibraryChoice {
  private static final String FOLDER = "PYTORCH_LIBRARY_PATH";
  private static final String VERSION = "PYTORCH_VERSION";
  private static final String FLAVOR = "PYTORCH_FLAVOR";

  /** What the JVM has loaded, for the class loaders that come later: a libtorch, or this. */
  private static final String LOADED = "simmim.libtorch.loaded";

  private static final String FOR_CPU = "cpu";
  private static final String SEPARATOR = "\n";

  private LibraryChoice() {}

  /** The folder of a libtorch that was given by hand, which goes before all others. */
  public static Optional<Path> byHand() {
    return Optional.ofNullable(Utils.getEnvOrSystemProperty(FOLDER)).map(Path::of);
  }

  /**
   * The libtorch for a device; empty if it is that of the class path, or one given by hand of which
   * nothing is known.
   *
   * @throws UserError if there is none for it
   */
  public static Optional<TorchLibrary> of(String device, CudaLibraries libraries) {
    Optional<Path> byHand = byHand();
    if (byHand.isPresent()) {
      return byHand
          .flatMap(TorchLibrary::told)
          .or(() -> byHand.flatMap(LibraryChoice::asSaidByHand));
    }
    String loaded = System.getProperty(LOADED);
    if (FOR_CPU.equals(loaded)) {
      requireCpu(device);
    }
    if (loaded != null) {
      return parse(loaded);
    }
    if (device.equals(FOR_CPU)) {
      return Optional.empty();
    }
    Optional<TorchLibrary> chosen = libraries.chosen();
    if (chosen.isEmpty()) {
      throw new UserError(
          ("training.device is %s, but libtorch for CUDA is not in %s: run bin/simmim gpu where the"
                  + " model is trained (it fetches 2.5 GB once), or set training.device=cpu")
              .formatted(device, libraries.cache()));
    }
    return chosen;
  }

  /**
   * Refuses a GPU where libtorch for the CPU is loaded.
   *
   * @throws UserError that says what to do
   */
  static void requireCpu(String device) {
    if (!device.equals(FOR_CPU) && byHand().isEmpty()) {
      throw new UserError(
          ("training.device is %s, but this process has loaded libtorch for the CPU for an earlier"
                  + " job, and cannot have two: restart it (on a cluster, the task manager)")
              .formatted(device));
    }
  }

  /** Loads, and remembers for later class loaders what was loaded. */
  public static void loading(TorchLibrary library, Runnable load) {
    if (byHand().isPresent()) {
      load.run();
      return;
    }
    if (library == null) {
      load.run();
      System.setProperty(LOADED, FOR_CPU);
      return;
    }
    System.setProperty(FOLDER, library.folder().toString());
    System.setProperty(VERSION, library.version());
    System.setProperty(FLAVOR, library.flavor());
    try {
      load.run();
      System.setProperty(
          LOADED,
          String.join(SEPARATOR, library.folder().toString(), library.version(), library.flavor()));
    } finally {
      System.clearProperty(FOLDER);
      System.clearProperty(VERSION);
      System.clearProperty(FLAVOR);
    }
  }

  private static Optional<TorchLibrary> asSaidByHand(Path folder) {
    String version = Utils.getEnvOrSystemProperty(VERSION);
    String flavor = Utils.getEnvOrSystemProperty(FLAVOR);
    return version == null || flavor == null
        ? Optional.empty()
        : Optional.of(new TorchLibrary(folder, version, flavor));
  }

  private static Optional<TorchLibrary> parse(String loaded) {
    String[] parts = loaded.split(SEPARATOR, -1);
    return parts.length == 3
        ? Optional.of(new TorchLibrary(Path.of(parts[0]), parts[1], parts[2]))
        : Optional.empty();
  }
}
