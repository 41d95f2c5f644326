package io.simmim.operators.source.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.util.WrappingProxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a known range of an object by one request. Flink's {@code FileSystem} can open a path and
 * seek, no more. On S3 its plugin then asks for the length of the object first, by a request of its
 * own, and after seeking it asks for all that follows, so that a connection is lost for each member
 * of a shard. Hadoop's file system inside {@code flink-s3-fs-hadoop} does neither when it is told
 * where the object ends. It is in the class loader of the plugin, so its public methods are called
 * by reflection; any other file system is opened as Flink does.
 *
 * <p>Thread-safe.
 */
public final class RangeOpener {
  private static final Logger LOG = LoggerFactory.getLogger(RangeOpener.class);
  private static final String S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem";

  private final Map<Object, Optional<S3aFiles>> known = new ConcurrentHashMap<>();

  /**
   * Opens an object at the first byte of a range. The stream may end where the range does or where
   * the object does.
   *
   * @param from first byte of the range
   * @param to byte after its last one; may be behind the end of the object
   * @throws IOException when opening or, if it needs no request until then, reading for the first
   *     time
   */
  public InputStream open(FileSystem files, Path path, long from, long to) throws IOException {
    Optional<S3aFiles> s3a = known.computeIfAbsent(unwrapped(files), RangeOpener::find);
    if (s3a.isPresent() && to > from) {
      return s3a.get().open(path, from, to);
    }
    return openAndSeek(files, path, from);
  }

  /** Opens an object as Flink does, with whatever requests its file system makes for that. */
  static InputStream openAndSeek(FileSystem files, Path path, long from) throws IOException {
    FSDataInputStream in = files.open(path);
    try {
      if (from > 0) {
        in.seek(from);
      }
      return in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** What is inside of Flink's wrappers, which may be new each time. */
  private static Object unwrapped(FileSystem files) {
    Object plugin = files;
    while (plugin instanceof WrappingProxy<?> proxy) {
      plugin = proxy.getWrappedDelegate();
    }
    return plugin;
  }

  private static Optional<S3aFiles> find(Object plugin) {
    Object hadoop;
    try {
      hadoop = plugin.getClass().getMethod("getHadoopFileSystem").invoke(plugin);
    } catch (ReflectiveOperationException e) {
      LOG.debug("{} is not one of Hadoop's", plugin.getClass().getName());
      return Optional.empty();
    }
    if (!hadoop.getClass().getName().equals(S3A)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new S3aFiles(hadoop));
    } catch (ReflectiveOperationException e) {
      LOG.info(
          "Objects on S3 take two requests each: this version of the plugin has no {}",
          e.getMessage());
      return Optional.empty();
    }
  }

  /** Hadoop's {@code S3AFileSystem}, seen from outside of its class loader. */
  private static final class S3aFiles {
    private final Object files;
    private final Constructor<?> newPath;
    private final Method makeQualified;
    private final Constructor<?> newStatus;
    private final Method openFile;
    private final Method withFileStatus;
    private final Method build;
    private final Method seek;

    S3aFiles(Object files) throws ReflectiveOperationException {
      this.files = files;
      ClassLoader loader = files.getClass().getClassLoader();
      Class<?> path = loader.loadClass("org.apache.hadoop.fs.Path");
      Class<?> builder = loader.loadClass("org.apache.hadoop.fs.FutureDataInputStreamBuilder");
      newPath = path.getConstructor(URI.class);
      makeQualified = files.getClass().getMethod("makeQualified", path);
      newStatus =
          loader
              .loadClass("org.apache.hadoop.fs.s3a.S3AFileStatus")
              .getConstructor(
                  long.class,
                  long.class,
                  path,
                  long.class,
                  String.class,
                  String.class,
                  String.class);
      openFile = files.getClass().getMethod("openFile", path);
      withFileStatus =
          builder.getMethod("withFileStatus", loader.loadClass("org.apache.hadoop.fs.FileStatus"));
      build = builder.getMethod("build");
      seek = loader.loadClass("org.apache.hadoop.fs.Seekable").getMethod("seek", long.class);
    }

    InputStream open(Path path, long from, long to) throws IOException {
      try {
        Object qualified = makeQualified.invoke(files, newPath.newInstance(path.toUri()));
        // Neither time nor tag: a range of whatever version is the newest.
        Object status = newStatus.newInstance(to, 0L, qualified, 0L, "", null, null);
        Object builder = withFileStatus.invoke(openFile.invoke(files, qualified), status);
        InputStream in = await((CompletableFuture<?>) build.invoke(builder));
        if (from > 0) {
          // Only remembered until bytes are read.
          seek.invoke(in, from);
        }
        return in;
      } catch (InvocationTargetException e) {
        throw failure(e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IOException(String.format(Locale.ROOT, "cannot open %s: %s", path, e), e);
      }
    }

    private static InputStream await(CompletableFuture<?> opening) throws IOException {
      try {
        return (InputStream) opening.get();
      } catch (ExecutionException e) {
        throw failure(e.getCause());
      } catch (InterruptedException e) {
        // A stream that nobody reads holds no connection.
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("interrupted while opening").initCause(e);
      }
    }

    private static IOException failure(Throwable cause) {
      if (cause instanceof IOException e) {
        return e;
      }
      if (cause instanceof RuntimeException e) {
        throw e;
      }
      if (cause instanceof Error e) {
        throw e;
      }
      return new IOException(cause);
    }
  }
}
