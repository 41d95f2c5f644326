package io.simmim.pipeline.probe;

import io.simmim.pipeline.evaluate.LabelledFeatures;
import io.simmim.schemas.UserError;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The features of a set of images, in a local file that has no name and goes with the process. The
 * memory that the system does not need keeps what fits of it. Four bytes per image on the heap.
 *
 * <p>Thread-safe.
 */
final class FeatureCache implements AutoCloseable {
  private static final int NONE = -1;

  private final FileChannel file;
  private final int width;
  private final int[] labels;

  private FeatureCache(FileChannel file, int width, int[] labels) {
    this.file = file;
    this.width = width;
    this.labels = labels;
  }

  /**
   * A cache without features.
   *
   * @param folder in which the file lies
   * @param images numbers of images are below this
   * @param kept most images that have features; the file has no bytes for the others
   * @param width W, values of an image
   * @throws UserError if the folder has not the space
   */
  static FeatureCache create(Path folder, int images, long kept, int width) throws IOException {
    long needed = Math.multiplyExact(kept * width, Float.BYTES);
    long free = Files.getFileStore(folder).getUsableSpace();
    if (needed > free) {
      throw new UserError(
          "the features of %,d images need %s in %s, where %s are free (--cache DIR names another folder; that of a run is its java.io.tmpdir)"
              .formatted(kept, gigabytes(needed), folder, gigabytes(free)));
    }
    int[] labels = new int[images];
    Arrays.fill(labels, NONE);
    Path path = Files.createTempFile(folder, "simmim-features", "");
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(path);
    return new FeatureCache(file, width, labels);
  }

  /** For people. */
  static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /** Keeps features; chunks may come in any order. */
  void put(LabelledFeatures features) {
    ByteBuffer row = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.nativeOrder());
    try {
      for (int i = 0; i < features.labels().length; i++) {
        int image = Math.toIntExact(features.sampleIds()[i]);
        row.clear();
        row.asFloatBuffer().put(features.vectors(), i * width, width);
        long at = position(image, 0);
        while (row.hasRemaining()) {
          at += file.write(row, at);
        }
        labels[image] = features.labels()[i];
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep features: " + e.getMessage(), e);
    }
  }

  /** Numbers of the images that have features, ascending. */
  int[] images() {
    return IntStream.range(0, labels.length).filter(image -> labels[image] != NONE).toArray();
  }

  /** (m), numbers of the classes of images. */
  long[] labels(int[] images) {
    return Arrays.stream(images).mapToLong(image -> labels[image]).toArray();
  }

  /**
   * Some of the values of images.
   *
   * @param first number of the first value within an image's
   * @param count C of them
   * @param into is cleared and filled; at least m * C values of memory outside of the heap
   * @return (m, C), valid until {@code into} changes
   */
  FloatBuffer values(int[] images, int first, int count, ByteBuffer into) throws IOException {
    into.clear();
    for (int image : images) {
      into.limit(into.position() + count * Float.BYTES);
      long at = position(image, first);
      while (into.hasRemaining()) {
        int read = file.read(into, at);
        if (read < 0) {
          throw new EOFException("the file of features is cut off");
        }
        at += read;
      }
    }
    return into.flip().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private long position(int image, int value) {
    return ((long) image * width + value) * Float.BYTES;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
