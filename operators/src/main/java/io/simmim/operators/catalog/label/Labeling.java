package io.simmim.operators.catalog.label;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.ClassNames;
import io.simmim.operators.catalog.tar.ShardClasses;
import io.simmim.operators.catalog.tar.ShardInput;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.Path;

/**
 * Finds the classes of a catalog's images. In a shard that has {@code .cls} members these tell
 * ({@link ShardClasses}), which takes another look at its headers; elsewhere the folders do ({@link
 * FolderClass}).
 *
 * <p>The result depends on the catalog and on the content of its shards alone.
 */
public final class Labeling {
  private static final Comparator<String> BY_BYTES =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private static final Comparator<String> BY_VALUE =
      Comparator.<String, BigInteger>comparing(BigInteger::new).thenComparing(BY_BYTES);

  private final Catalog catalog;
  private final ShardReading reading;
  private final FolderClass folders;
  private final ClassNames found = new ClassNames();
  private final int[] labels;
  private long without;
  private String firstWithout = "";

  private Labeling(Catalog catalog, ShardReading reading) {
    this.catalog = catalog;
    this.reading = reading;
    folders = new FolderClass(catalog.roots());
    labels = new int[Math.toIntExact(catalog.size())];
  }

  /**
   * The classes of all images.
   *
   * @throws UserError if no image has a class, or there are too many classes
   * @throws IOException if a shard cannot be read
   */
  public static LabelTable of(Catalog catalog, ShardReading reading) throws IOException {
    Labeling labeling = new Labeling(catalog, reading);
    return labeling
        .table()
        .orElseThrow(
            () ->
                new UserError("no image has a class: " + PrintableText.of(labeling.firstWithout)));
  }

  /**
   * The classes of all images, or nothing if no image has one.
   *
   * @throws UserError if there are too many classes
   * @throws IOException if a shard cannot be read
   */
  public static Optional<LabelTable> find(Catalog catalog, ShardReading reading)
      throws IOException {
    return new Labeling(catalog, reading).table();
  }

  private Optional<LabelTable> table() throws IOException {
    CountDownLatch cancelled = new CountDownLatch(1);
    ExecutorService threads =
        Executors.newFixedThreadPool(
            reading.concurrency(),
            task -> {
              Thread thread = new Thread(task, "shard-labels");
              thread.setDaemon(true);
              return thread;
            });
    try {
      ShardsAhead shards = new ShardsAhead(threads, cancelled);
      for (int id = 0; id < labels.length; id++) {
        label(id, catalog.ref(id), shards);
      }
    } finally {
      cancelled.countDown();
      threads.shutdownNow();
    }
    String[] names = found.names();
    return names.length == 0 ? Optional.empty() : Optional.of(numbered(names));
  }

  private void label(int id, ImageRef image, ShardsAhead shards) throws IOException {
    labels[id] = LabelTable.NONE;
    if (!image.problem().isEmpty()) {
      return; // It is rejected for that.
    }
    Optional<ShardClasses> shard = image.inShard() ? Optional.of(shards.of(id)) : Optional.empty();
    boolean told = shard.isPresent() && shard.get().tells();
    Optional<String> name = told ? shard.get().of(image.offset()) : folders.of(image);
    if (name.isEmpty()) {
      withoutClass(
          image,
          told
              ? "the shard has .cls members, but none that can be used stands beside it"
                  + (shard.get().problem().isEmpty() ? "" : "; " + shard.get().problem())
              : "it has no .cls beside it in a shard, and lies in no folder below the input");
    } else if (!ClassNames.isAllowed(name.get())) {
      withoutClass(
          image,
          "its folder cannot be the name of a class: %s (allowed: up to %d bytes of printable text)"
              .formatted(name.get(), ClassNames.LONGEST));
    } else {
      labels[id] = found.number(name.get());
    }
  }

  private void withoutClass(ImageRef image, String reason) {
    if (without++ == 0) {
      firstWithout = image.name() + ": " + reason;
    }
  }

  private LabelTable numbered(String[] names) {
    boolean numbers = Arrays.stream(names).allMatch(Labeling::isNumber);
    String[] sorted = names.clone();
    Arrays.sort(sorted, numbers ? BY_VALUE : BY_BYTES);
    Map<String, Integer> places = new HashMap<>();
    for (String name : sorted) {
      places.put(name, places.size());
    }
    for (int id = 0; id < labels.length; id++) {
      labels[id] = labels[id] == LabelTable.NONE ? LabelTable.NONE : places.get(names[labels[id]]);
    }
    return new LabelTable(List.of(sorted), labels, without, firstWithout);
  }

  private static boolean isNumber(String name) {
    return name.matches("[0-9]{1,18}");
  }

  /** Reads the classes of shards in the order of the catalog, some shards ahead. */
  private final class ShardsAhead {
    private final ExecutorService threads;
    private final CountDownLatch cancelled;
    private final Map<String, Future<ShardClasses>> ahead = new HashMap<>();
    private String current = "";
    private ShardClasses classes;
    private int next;

    ShardsAhead(ExecutorService threads, CountDownLatch cancelled) {
      this.threads = threads;
      this.cancelled = cancelled;
    }

    /**
     * The classes of the shard that an image is in.
     *
     * @param id not less than before
     */
    ShardClasses of(int id) throws IOException {
      String uri = catalog.ref(id).uri();
      if (!uri.equals(current)) {
        next = Math.max(next, id);
        readAhead();
        current = uri;
        classes = await(ahead.remove(uri));
      }
      return classes;
    }

    private void readAhead() {
      for (; next < labels.length && ahead.size() <= reading.concurrency(); next++) {
        ImageRef image = catalog.ref(next);
        if (image.inShard() && image.problem().isEmpty() && !image.uri().equals(current)) {
          ahead.computeIfAbsent(image.uri(), uri -> threads.submit(() -> read(uri)));
        }
      }
    }

    private ShardClasses read(String uri) throws IOException {
      Path path = new Path(uri);
      try (ShardInput input = new ShardInput(path, length(path), reading, cancelled)) {
        return ShardClasses.read(uri, input);
      } catch (IOException e) {
        throw ShardReading.named(uri, e);
      }
    }

    private static long length(Path path) throws IOException {
      return path.getFileSystem().getFileStatus(path).getLen();
    }

    private static ShardClasses await(Future<ShardClasses> shard) throws IOException {
      try {
        return shard.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw new IOException(failure.getMessage(), failure);
        }
        if (e.getCause() instanceof UserError mistake) {
          throw new UserError(mistake.getMessage(), mistake);
        }
        throw new IllegalStateException("the classes of a shard could not be read", e.getCause());
      }
    }
  }
}
