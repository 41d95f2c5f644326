package io.simmim.pipeline.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * {@code gated:/path} in tests: local files with a {@link Gate}, so that a run waits in its middle
 * for the test, on a machine of any speed. Other processes have it as a plugin.
 */
public final class GatedFiles implements FileSystemFactory {
  private static final String SCHEME = "gated";

  /** Where local files are in it. */
  public static String uri(java.nio.file.Path path) {
    return SCHEME + ":" + path.toAbsolutePath();
  }

  /** Environment of a process of the product that knows it beside the product's own plugins. */
  public static Map<String, String> environment() throws IOException {
    java.nio.file.Path target = java.nio.file.Path.of("target").toAbsolutePath();
    java.nio.file.Path plugins = target.resolve("gated-plugins");
    java.nio.file.Path folder = Files.createDirectories(plugins.resolve(SCHEME));
    java.nio.file.Path unfinished = Files.createTempFile(target, SCHEME, ".jar");
    writeJar(unfinished);
    try (Stream<java.nio.file.Path> others = Files.list(target.resolve("plugins"))) {
      for (java.nio.file.Path other : others.toList()) {
        linkTo(other, plugins.resolve(other.getFileName()));
      }
    }
    Files.move(unfinished, folder.resolve(SCHEME + ".jar"), StandardCopyOption.ATOMIC_MOVE);
    return Map.of("FLINK_PLUGINS_DIR", plugins.toString());
  }

  /** As {@link #environment()}, with other variables besides. */
  public static Map<String, String> environment(Map<String, String> others) throws IOException {
    Map<String, String> all = new HashMap<>(others);
    all.putAll(environment());
    return all;
  }

  private static void linkTo(java.nio.file.Path folder, java.nio.file.Path link)
      throws IOException {
    try {
      Files.createSymbolicLink(link, folder);
    } catch (FileAlreadyExistsException e) {
      // By another test, then.
    }
  }

  private static void writeJar(java.nio.file.Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Class<?> type :
          List.of(GatedFiles.class, Opening.class, Gate.class, Gate.Closed.class)) {
        String file = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(file));
        try (InputStream bytes = type.getClassLoader().getResourceAsStream(file)) {
          bytes.transferTo(out);
        }
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + FileSystemFactory.class.getName()));
      out.write(GatedFiles.class.getName().getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem create(URI uri) {
    return new Opening();
  }

  /** Waits before it opens a file of a folder whose gate is closed. */
  private static final class Opening extends LocalFileSystem {
    private static final long POLL_MILLIS = 10;

    /** How many files were opened, by the gate's id. */
    private final Map<String, Integer> opened = new HashMap<>();

    @Override
    public URI getUri() {
      return URI.create(SCHEME + ":///");
    }

    @Override
    public FSDataInputStream open(Path file) throws IOException {
      while (!passes(file)) {
        try {
          TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted before " + file);
        }
      }
      return super.open(file);
    }

    private boolean passes(Path file) throws IOException {
      java.nio.file.Path folder = java.nio.file.Path.of(file.getPath()).getParent();
      while (folder.getFileName() != null) {
        Optional<Gate.Closed> closed = Gate.of(folder).closed();
        if (closed.isPresent()) {
          return passes(closed.get());
        }
        folder = folder.getParent();
      }
      return true;
    }

    private synchronized boolean passes(Gate.Closed gate) {
      int before = opened.getOrDefault(gate.id(), 0);
      if (before >= gate.files()) {
        return false;
      }
      opened.put(gate.id(), before + 1);
      return true;
    }
  }
}
