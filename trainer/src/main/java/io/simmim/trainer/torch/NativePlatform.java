package io.simmim.trainer.torch;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Where the native libraries of this build can be loaded: Linux with glibc on x86-64. */
public final class NativePlatform {
  private static final Path MAPPED_FILES = Path.of("/proc/self/maps");
  private static final Set<String> X86_64 = Set.of("amd64", "x86_64");

  private NativePlatform() {}

  /**
   * Refuses this JVM if its libraries are others.
   *
   * @throws UserError that says which it is and what is needed
   */
  public static void require() {
    require(System.getProperty("os.name"), System.getProperty("os.arch"), mappedFiles());
  }

  static void require(String system, String architecture, String mappedFiles) {
    if (!system.equals("Linux") || !X86_64.contains(architecture.toLowerCase(Locale.ROOT))) {
      throw new UserError(
          "the native libraries of this build are for Linux on x86-64; this JVM is for %s on %s"
              .formatted(system, architecture));
    }
    if (mappedFiles.contains("/ld-musl-")) {
      throw new UserError(
          "the native libraries of this build need glibc; this JVM uses musl, as on Alpine Linux:"
              + " take an image with glibc");
    }
  }

  /** What the process has mapped, the C library among it; nothing where that is not told. */
  private static String mappedFiles() {
    try {
      return Files.isReadable(MAPPED_FILES)
          ? Files.readString(MAPPED_FILES, StandardCharsets.ISO_8859_1)
          : "";
    } catch (IOException e) {
      return ""; // loading the libraries will tell
    }
  }
}
