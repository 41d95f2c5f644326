package io.simmim.operators.arrival;

import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** Images of some logs, kept small: a million take about 150 MB. */
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
      Map<String, Long> last = new HashMap<>();
      BitSet superseded = new BitSet();
      String[] before = {"", ""};
      log.forEachImage(
          (id, image) -> {
            boolean begins = !image.uri().equals(before[0]) || !image.version().equals(before[1]);
            if (begins) {
              before[0] = image.uri();
              before[1] = image.version();
              Long older = last.put(image.uri(), id);
              if (older != null) {
                supersede(log, older, superseded);
              }
            }
          });
      return superseded;
    }

    private static void supersede(ArrivalLog log, long first, BitSet superseded) {
      ArrivedImage head = log.image(first);
      for (long id = first; id < log.size(); id++) {
        ArrivedImage image = log.image(id);
        if (!image.uri().equals(head.uri()) || !image.version().equals(head.version())) {
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
