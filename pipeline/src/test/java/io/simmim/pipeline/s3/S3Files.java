package io.simmim.pipeline.s3;

import io.simmim.pipeline.run.LocalFileSystems;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** The test's own view of the objects, through the same plugin as the job's. */
public final class S3Files {
  private S3Files() {}

  /** Makes {@code s3://} of this JVM go to a server, past its latency and faults. */
  public static void connect(S3Server server) {
    connect(server.endpoint());
  }

  /** Makes {@code s3://} of this JVM go to an endpoint of the server. */
  public static void connect(URI endpoint) {
    connect(endpoint, S3Server.SECRET_KEY);
  }

  /** The same with any secret key. */
  public static void connect(URI endpoint, String secretKey) {
    Configuration settings = new Configuration();
    settings.setString("s3.endpoint", endpoint.toString());
    settings.setString("s3.path.style.access", "true");
    settings.setString("s3.access-key", S3Server.ACCESS_KEY);
    settings.setString("s3.secret-key", secretKey);
    settings.setString("s3.directory.marker.retention", "keep");
    // As in the product's local runs: the defaults of the plugin go on for a minute.
    settings.setString("s3.attempts.maximum", "4");
    settings.setString("s3.retry.limit", "4");
    settings.setString("s3.retry.interval", "200ms");
    LocalFileSystems.initialize(settings);
  }

  /** Copies the files below a local folder. */
  public static void upload(java.nio.file.Path folder, String uri) throws IOException {
    List<java.nio.file.Path> files;
    try (Stream<java.nio.file.Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (java.nio.file.Path file : files) {
      Path target = new Path(uri + "/" + folder.relativize(file));
      try (OutputStream out =
          target.getFileSystem().create(target, FileSystem.WriteMode.OVERWRITE)) {
        Files.copy(file, out);
      }
    }
  }

  /**
   * Copies the objects below a prefix, without those that go meanwhile: Flink deletes checkpoints
   * behind the end of a job.
   */
  public static void download(String uri, java.nio.file.Path folder) throws IOException {
    Files.createDirectories(folder);
    for (FileStatus status : list(uri)) {
      String name = status.getPath().getName();
      if (status.isDir()) {
        download(uri + "/" + name, folder.resolve(name));
      } else {
        try (InputStream in = status.getPath().getFileSystem().open(status.getPath())) {
          Files.copy(in, folder.resolve(name));
        } catch (FileNotFoundException e) {
          Files.deleteIfExists(folder.resolve(name));
        }
      }
    }
  }

  /** The text of an object. */
  public static String read(String prefix, String name) throws IOException {
    Path path = new Path(prefix, name);
    try (InputStream in = path.getFileSystem().open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Whether an object with such a name is somewhere below a prefix. */
  public static boolean holds(String uri, String name) throws IOException {
    for (FileStatus status : list(uri)) {
      String child = status.getPath().getName();
      if (status.isDir() ? holds(uri + "/" + child, name) : child.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Deletes whatever is below a prefix. */
  public static void deleteBelow(String uri) throws IOException {
    for (FileStatus status : list(uri)) {
      status.getPath().getFileSystem().delete(status.getPath(), true);
    }
  }

  private static List<FileStatus> list(String uri) throws IOException {
    Path path = new Path(uri);
    try {
      return List.of(path.getFileSystem().listStatus(path));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }
}
