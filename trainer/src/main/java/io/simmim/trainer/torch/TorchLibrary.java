package io.simmim.trainer.torch;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A libtorch outside of the jar.
 *
 * @param folder with {@code libtorch.so}
 * @param version such as {@code 2.5.1}
 * @param flavor as DJL names it: version of CUDA, and {@code -precxx11} if compiled for the strings
 *     of C++ before C++11
 */
public record TorchLibrary(Path folder, String version, String flavor) {
  private static final String OLD_STRINGS = "-precxx11";

  /** A constructor of {@code c10::Error} as old strings mangle it. */
  private static final String OLD_STRING_SYMBOL = "_ZN3c105ErrorC2ENS_14SourceLocationESs";

  private static final Pattern TOLD =
      Pattern.compile("(?m)^(?:__version__(?:: str)? = ['\"])?([0-9.]+)\\+(cu[0-9]+|cpu)");

  /** As PyTorch writes it: version and flavor. */
  public String text() {
    return version + "+" + flavor.replace(OLD_STRINGS, "");
  }

  /** The build that DJL's JNI library exists for; empty if it is another one. */
  public Optional<CudaBuild> build() {
    return CudaBuild.of(version, flavor.replace(OLD_STRINGS, ""));
  }

  /**
   * The libtorch of an installed PyTorch.
   *
   * @param folder its {@code torch/lib}
   * @throws UserError if it is none, or one that DJL's JNI library does not fit
   */
  public static TorchLibrary installed(Path folder) {
    Path libraries = folder.toAbsolutePath().normalize();
    if (!Files.isRegularFile(libraries.resolve(CudaLibraries.FOR_CUDA))) {
      throw new UserError(
          "no libtorch for CUDA in %s: %s is missing (give the folder torch/lib of an installed PyTorch)"
              .formatted(libraries, CudaLibraries.FOR_CUDA));
    }
    TorchLibrary told =
        told(libraries)
            .orElseThrow(
                () ->
                    new UserError(
                        "cannot tell which PyTorch %s is of: neither %s nor %s says it"
                            .formatted(
                                libraries,
                                libraries.resolveSibling("version.py"),
                                libraries.resolveSibling("build-version"))));
    if (told.build().isEmpty()) {
      throw new UserError(
          "the PyTorch in %s does not fit: %s (allowed: %s)"
              .formatted(libraries, told.text(), CudaBuild.fitting()));
    }
    return hasOldStrings(libraries)
        ? new TorchLibrary(libraries, told.version(), told.flavor() + OLD_STRINGS)
        : told;
  }

  /** What the files beside the libraries say of them. */
  static Optional<TorchLibrary> told(Path libraries) {
    for (String name : new String[] {"version.py", "build-version"}) {
      Path file = libraries.toAbsolutePath().resolveSibling(name);
      try {
        if (Files.isRegularFile(file)) {
          Matcher told = TOLD.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
          if (told.find()) {
            return Optional.of(new TorchLibrary(libraries, told.group(1), told.group(2)));
          }
        }
      } catch (IOException e) {
        throw new UserError("cannot read %s: %s".formatted(file, e.getMessage()), e);
      }
    }
    return Optional.empty();
  }

  private static boolean hasOldStrings(Path libraries) {
    Path core = libraries.resolve(System.mapLibraryName("c10"));
    try {
      return Files.readString(core, StandardCharsets.ISO_8859_1).contains(OLD_STRING_SYMBOL);
    } catch (IOException e) {
      throw new UserError("cannot read %s: %s".formatted(core, e.getMessage()), e);
    }
  }
}
