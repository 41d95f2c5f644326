package io.simmim.operators.source.fetch;

import io.simmim.operators.arrival.feed.ListingFeed;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageFailure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a single missing object from storage that is not there. An object is missing if the folder
 * that was listed still is there; a local one must hold something, as the mount point of a disk
 * that was taken away is an empty folder. Who may read objects but not ask for folders still sees
 * that storage answers: others could be read since this one was refused.
 *
 * <p>Thread-safe.
 */
public final class StorageProbe implements ListingFeed.InputCheck {
  /**
   * Asked for instead of a bucket, which Hadoop's S3 takes to be there, and readable, without
   * asking.
   */
  private static final String NOTHING = ".simmim-storage-probe";

  private static final Logger LOG = LoggerFactory.getLogger(StorageProbe.class);

  private volatile CatalogRoots roots = new CatalogRoots(List.of());

  /** When something below a root was read last, in nanoseconds. */
  private final Map<String, Long> answered = new ConcurrentHashMap<>();

  /**
   * What is there as long as the storage of inputs is: the bucket of an object store, where a
   * prefix without objects does not exist; elsewhere the folder.
   *
   * @param inputs qualified URIs
   */
  public static List<String> places(List<String> inputs) {
    return inputs.stream().map(StorageProbe::place).distinct().toList();
  }

  private static String place(String input) {
    Path path = new Path(input);
    return isInBucket(path)
        ? path.toUri().getScheme() + "://" + path.toUri().getAuthority() + "/"
        : input;
  }

  private static boolean isInBucket(Path path) {
    return ObjectStore.hasBuckets(path.toUri().getScheme());
  }

  /** Says which folders were listed; without, the folder of the object is asked for. */
  public void setRoots(CatalogRoots given) {
    roots = given;
  }

  /** Says that an object was read. */
  public void answered(String uri) {
    rootOf(uri).ifPresent(root -> answered.put(root, System.nanoTime()));
  }

  /**
   * Returns if the storage of an object answers.
   *
   * @param refusedNanos when the object was refused first
   * @throws IOException if it does not
   */
  public void requireReachable(String uri, long refusedNanos) throws IOException {
    Optional<String> own = rootOf(uri);
    String root = own.orElseGet(() -> place(new Path(uri).getParent().toString()));
    try {
      ask(root);
    } catch (IOException e) {
      boolean answers = own.isPresent() && hasAnswered(root, refusedNanos);
      if (!answers && !(mayNeverHaveBeen(own, e) && othersAnswer(root, refusedNanos))) {
        throw new IOException(
            String.format(Locale.ROOT, "the input %s is gone: %s", root, reason(e)), e);
      }
    }
  }

  @Override
  public boolean isThereWithoutObjects(String input) {
    try {
      ask(place(input));
      return true;
    } catch (IOException e) {
      LOG.debug("{} does not answer", input, e);
      return false;
    }
  }

  private static String reason(IOException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /**
   * Inputs that others tell of need not be there, and after a change of the inputs images may be
   * those of an earlier one. Local folders are there, or they are not mounted. An input that may
   * not be read is there: what other storage answers says nothing of its images.
   */
  private boolean mayNeverHaveBeen(Optional<String> own, IOException failure) {
    if (!roots.announced()) {
      return false;
    }
    return own.isEmpty()
        ? StorageFailure.isRefusal(failure)
        : StorageFailure.isMissing(failure) && !own.get().startsWith("file:");
  }

  private boolean othersAnswer(String root, long refusedNanos) {
    for (String other : roots.roots()) {
      if (!other.equals(root)) {
        if (hasAnswered(other, refusedNanos)) {
          return true;
        }
        try {
          ask(other);
          return true;
        } catch (IOException e) {
          // Says nothing about the one that is asked for.
        }
      }
    }
    return false;
  }

  private boolean hasAnswered(String root, long sinceNanos) {
    Long last = answered.get(root);
    return last != null && last - sinceNanos > 0;
  }

  private static void ask(String root) throws IOException {
    Path path = new Path(root);
    FileSystem files = path.getFileSystem();
    if (isInBucket(path) && path.getPath().length() <= 1) {
      try {
        files.getFileStatus(new Path(path, NOTHING));
      } catch (FileNotFoundException e) {
        // As it should be.
      }
      return;
    }
    files.getFileStatus(path);
    if (ObjectStore.isLocal(files.getUri().getScheme()) && isEmpty(path)) {
      throw new IOException("the folder is empty");
    }
  }

  private Optional<String> rootOf(String uri) {
    for (String root : roots.roots()) {
      if (uri.startsWith(root.endsWith("/") ? root : root + "/")) {
        return Optional.of(root);
      }
    }
    return Optional.empty();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (DirectoryStream<java.nio.file.Path> children =
        Files.newDirectoryStream(java.nio.file.Path.of(folder.getPath()))) {
      return !children.iterator().hasNext();
    }
  }
}
