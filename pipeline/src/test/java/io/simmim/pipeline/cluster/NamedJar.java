package io.simmim.pipeline.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A jar that says what to run and holds nothing, for clusters that have the classes in {@code
 * lib/}: else each submission sends a copy of them.
 */
final class NamedJar {
  private static final String MAIN_CLASS = "io.simmim.pipeline.cli.Main";

  private NamedJar() {}

  /** The jar in a folder, written if it is not there. */
  static Path in(Path folder) throws IOException {
    Path jar = folder.resolve("simmim-in-lib.jar").toAbsolutePath();
    if (!Files.exists(jar)) {
      Manifest manifest = new Manifest();
      manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
      manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, MAIN_CLASS);
      new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    }
    return jar;
  }
}
