package io.simmim.operators.source.fetch;

import io.simmim.schemas.ImageRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Images of a chunk that are read by one request: an object, or members of a shard that follow each
 * other closely. Members far from each other are runs of their own, although in the same shard:
 * seeking is a request too on object stores, and runs are read at the same time.
 *
 * @param images in the order of their offsets in the object
 * @param places where in the chunk each of them belongs
 */
public record ImageRun(List<ImageRef> images, List<Integer> places) {
  /** Bytes between two images that are read rather than asked for anew; see ShardInput. */
  static final int LARGEST_GAP = 64 << 10;

  /**
   * A run of several images is cut into images afterwards, so it is in memory twice for a moment.
   */
  static final int LARGEST_RUN = 16 << 20;

  public ImageRun {
    images = List.copyOf(images);
    places = List.copyOf(places);
  }

  /**
   * Cuts a chunk into runs, in the order of their first places.
   *
   * @param maxBytes longer images will not be read, and are runs of their own
   */
  public static List<ImageRun> of(List<ImageRef> chunk, long maxBytes) {
    List<Integer> order =
        IntStream.range(0, chunk.size())
            .boxed()
            .sorted(
                Comparator.comparing((Integer place) -> chunk.get(place).uri())
                    .thenComparing(place -> chunk.get(place).offset()))
            .toList();
    List<ImageRun> runs = new ArrayList<>();
    List<Integer> run = new ArrayList<>();
    for (int place : order) {
      if (!run.isEmpty()
          && !joins(chunk.get(run.get(0)), chunk.get(last(run)), chunk.get(place), maxBytes)) {
        runs.add(of(chunk, run));
        run.clear();
      }
      run.add(place);
    }
    if (!run.isEmpty()) {
      runs.add(of(chunk, run));
    }
    runs.sort(
        Comparator.comparing(one -> one.places.stream().min(Comparator.naturalOrder()).get()));
    return runs;
  }

  private static ImageRun of(List<ImageRef> chunk, List<Integer> places) {
    return new ImageRun(places.stream().map(chunk::get).toList(), places);
  }

  private static int last(List<Integer> run) {
    return run.get(run.size() - 1);
  }

  private static boolean joins(ImageRef first, ImageRef before, ImageRef next, long maxBytes) {
    long gap = next.offset() - before.offset() - before.length();
    return next.inShard()
        && next.uri().equals(before.uri())
        && readable(before, maxBytes)
        && readable(next, maxBytes)
        && gap >= 0
        && gap <= LARGEST_GAP
        && next.offset() + next.length() - first.offset() <= LARGEST_RUN;
  }

  private static boolean readable(ImageRef ref, long maxBytes) {
    return problem(ref, maxBytes).isEmpty();
  }

  /** Why an image is not to be read, as far as the catalog tells; empty if it is. */
  static String problem(ImageRef ref, long maxBytes) {
    if (!ref.problem().isEmpty()) {
      return ref.problem();
    }
    return ref.length() > maxBytes
        ? String.format(Locale.ROOT, "larger than max-object-bytes %d", maxBytes)
        : "";
  }

  String uri() {
    return images.get(0).uri();
  }

  /** The first image as people are told of it. */
  String name() {
    return images.get(0).name();
  }

  boolean inShard() {
    return images.get(0).inShard();
  }

  /** First byte in the object. */
  long offset() {
    return images.get(0).offset();
  }

  /** Bytes from the beginning of the first image to the end of the last. */
  public int length() {
    ImageRef last = images.get(images.size() - 1);
    return Math.toIntExact(last.offset() - offset() + last.length());
  }
}
