package io.simmim.trainer.torch;

import ai.djl.util.Platform;
import ai.djl.util.Utils;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.Durable;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * Where a libtorch for CUDA is on this machine: in DJL's cache folder, unpacked by {@code simmim
 * gpu}, or somewhere else, as a file in that folder says.
 *
 * @param cache DJL's cache folder
 */
public record CudaLibraries(Path cache) {
  /** What {@code simmim gpu} unpacks. */
  public static final CudaBuild FETCHED = CudaBuild.CUDA_12_4;

  /** libtorch's part for CUDA, without which it is none. */
  public static final String FOR_CUDA = System.mapLibraryName("torch_cuda");

  /** What connects Java to libtorch; DJL looks for it in libtorch's folder first. */
  public static final String JNI = System.mapLibraryName("djl_torch");

  private static final String CHOICE = "simmim-cuda.properties";
  private static final String CLASSIFIER = "linux-x86_64";

  /** Those of this process's user ({@code DJL_CACHE_DIR}, else {@code ~/.djl.ai}). */
  public static CudaLibraries ofThisMachine() {
    return new CudaLibraries(Utils.getEngineCacheDir("pytorch").toAbsolutePath());
  }

  /** The folder that a fetched libtorch is moved to when it is complete. */
  public Path fetched() {
    return cache.resolve(
        "simmim-%s-%s-%s".formatted(FETCHED.libtorch(), FETCHED.flavor(), CLASSIFIER));
  }

  /**
   * Where DJL looks for the JNI library of a libtorch in a folder that is not to be written to.
   *
   * @param flavor of CUDA and, with {@code -precxx11}, of C++
   */
  public Path jniLibrary(String version, String flavor) {
    return cache
        .resolve("%s-%s-%s".formatted(version, flavor, CLASSIFIER))
        .resolve(Platform.fromSystem("pytorch").getApiVersion() + "-" + JNI);
  }

  /**
   * The libtorch that a GPU is used with.
   *
   * @throws UserError if the chosen one is not there any more, or has become another one
   */
  public Optional<TorchLibrary> chosen() {
    Path choice = cache.resolve(CHOICE);
    if (!Files.exists(choice)) {
      return Files.exists(fetched())
          ? Optional.of(new TorchLibrary(fetched(), FETCHED.libtorch(), FETCHED.flavor()))
          : Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(choice, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError("cannot read %s: %s".formatted(choice, e.getMessage()), e);
    }
    Path folder = Path.of(properties.getProperty("folder", ""));
    TorchLibrary found = TorchLibrary.installed(folder);
    if (!found.text().equals(properties.getProperty("version"))) {
      throw new UserError(
          "the PyTorch in %s is another one than when it was chosen: %s (was: %s); run bin/simmim gpu --library again"
              .formatted(folder, found.text(), properties.getProperty("version")));
    }
    return Optional.of(found);
  }

  /** Makes an installed libtorch the chosen one. */
  public void choose(TorchLibrary library) {
    Properties properties = new Properties();
    properties.setProperty("folder", library.folder().toString());
    properties.setProperty("version", library.text());
    try {
      Files.createDirectories(cache);
      // Not one of createTempFile, which nobody else may read: a folder may serve several users.
      Path written = cache.resolve("%s.%d.tmp".formatted(CHOICE, ProcessHandle.current().pid()));
      try (Writer writer = Files.newBufferedWriter(written, StandardCharsets.UTF_8)) {
        properties.store(writer, null);
      }
      Durable.force(written);
      Files.move(written, cache.resolve(CHOICE), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + cache, e);
    }
  }

  /** Makes the fetched libtorch the chosen one. */
  public void chooseFetched() {
    try {
      Files.deleteIfExists(cache.resolve(CHOICE));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + cache.resolve(CHOICE), e);
    }
  }
}
