package io.simmim.operators.arrival;

import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.flink.core.fs.Path;

/**
 * Makes a catalog of what continuous runs have collected: of each object the version that came
 * last, unless it is gone.
 */
public final class ArrivalCatalog {
  private ArrivalCatalog() {}

  /**
   * A catalog of the images in the logs of some folders.
   *
   * @throws UserError if a folder holds no log, a damaged one, or there is no image in them
   */
  public static Catalog of(List<String> folders) {
    try {
      Collection images = new Collection();
      TreeSet<String> roots = new TreeSet<>();
      for (String folder : folders) {
        ArrivalLog log = ArrivalLogFiles.readNewest(new Path(folder));
        images.addAll(log);
        roots.addAll(log.roots());
      }
      if (images.count == 0) {
        throw new UserError("no image has arrived in " + String.join(", ", folders));
      }
      return Catalog.of(images.sorted(), List.copyOf(roots));
    } catch (IOException e) {
      throw new UserError(
          "cannot read the log of arrivals in %s: %s"
              .formatted(String.join(", ", folders), e.getMessage()),
          e);
    }
  }

  /** Images of some logs, kept small: a string and 16 bytes each. */
  private static final class Collection {
    private String[] uris = new String[1024];
    private ImageRef[] parts = new ImageRef[1024];
    private long[] lengths = new long[1024];
    private int count;

    void addAll(ArrivalLog log) {
      BitSet superseded = superseded(log);
      log.forEachImage(
          (id, image) -> {
            if (!log.isDeleted(id, log.chunks()) && !superseded.get((int) id)) {
              add(image);
            }
          });
    }

    /** Images of objects that a later version came of. */
    private static BitSet superseded(ArrivalLog log) {
      KnownObjects objects = new KnownObjects();
      BitSet superseded = new BitSet();
      ArrivedImage[] before = {null};
      log.forEachImage(
          (id, image) -> {
            boolean begins = before[0] == null || !image.cameWith(before[0]);
            before[0] = image;
            if (begins) {
              objects.anyMatch(
                  image.uri(),
                  older -> {
                    supersede(log, older, image.uri(), superseded);
                    return false;
                  });
              objects.add(image.uri(), id);
            }
          });
      return superseded;
    }

    private static void supersede(ArrivalLog log, long first, String uri, BitSet superseded) {
      ArrivedImage head = log.image(first);
      boolean other = !head.uri().equals(uri); // only the hash is the same
      for (long id = first; !other && id < log.size(); id++) {
        if (!log.image(id).cameWith(head)) {
          return;
        }
        superseded.set((int) id);
      }
    }

    private void add(ArrivedImage image) {
      if (count == uris.length) {
        uris = Arrays.copyOf(uris, 2 * count);
        parts = Arrays.copyOf(parts, 2 * count);
        lengths = Arrays.copyOf(lengths, 2 * count);
      }
      uris[count] = image.uri();
      lengths[count] = image.length();
      boolean plain = image.offset() == 0 && image.member().isEmpty() && image.problem().isEmpty();
      parts[count] = plain ? null : image.ref(0);
      count++;
    }

    /** In the order of catalogs; of images that several logs have, one. */
    Iterable<ImageRef> sorted() {
      int[] order =
          IntStream.range(0, count)
              .boxed()
              .sorted(
                  (a, b) -> {
                    int byUri = ListingFeed.compare(uris[a], uris[b]);
                    return byUri != 0 ? byUri : Long.compare(offset(a), offset(b));
                  })
              .mapToInt(Integer::intValue)
              .toArray();
      return () -> Arrays.stream(order).mapToObj(this::ref).iterator();
    }

    private long offset(int index) {
      return parts[index] == null ? 0 : parts[index].offset();
    }

    private ImageRef ref(int index) {
      return parts[index] == null
          ? new ImageRef(0, uris[index], 0, (int) Math.min(lengths[index], Integer.MAX_VALUE))
          : parts[index];
    }
  }
}
