package io.simmim.operators.arrival.log;

import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.core.fs.Path;

/**
 * Adds up a stored log, image by image, without holding it: what {@link ArrivalLogFiles#readNewest}
 * takes for a million images is as much as a run has for all of them.
 *
 * @param sum what the caller made of the images
 * @param images that arrived
 * @param used those that some decided chunk has as new ones
 * @param deleted those that are gone
 * @param roots the folders that they come from
 * @param mostHeldBytes the most bytes of the log that were in memory at a time
 */
public record StoredArrivals<T>(
    T sum, long images, long used, long deleted, List<String> roots, long mostHeldBytes) {
  /**
   * Adds up the course that was written last.
   *
   * @param begin makes an empty sum; asked again if a file is gone or damaged and there is another
   * @throws UserError if there is no log, or it is damaged
   * @throws IOException if storage is away, or a file whose place a longer one has taken since
   */
  public static <T extends Consumer<ArrivedImage>> StoredArrivals<T> newest(
      Path folder, Supplier<T> begin) throws IOException {
    List<LogSegment> segments = new ArrayList<>(ArrivalLogFiles.segments(folder));
    Comparator<LogSegment> lastWritten =
        Comparator.comparingLong(LogSegment::modified).thenComparingLong(LogSegment::end);
    long end =
        segments.stream()
            .max(lastWritten)
            .map(LogSegment::end)
            .orElseThrow(() -> ArrivalLogFiles.none(folder));
    segments.removeIf(segment -> segment.end() > end);
    segments.sort(lastWritten.reversed()); // the likeliest first
    String problem = "";
    IOException gone = null;
    while (true) {
      List<LogSegment> chain = new ArrayList<>();
      if (!extend(chain, segments, end)) {
        if (gone != null) {
          throw gone;
        }
        throw ArrivalLogFiles.lacking(folder, end, problem);
      }
      try {
        return add(folder, new SegmentBytes(chain), begin.get());
      } catch (SegmentBytes.Unreadable e) {
        if (e.getCause() instanceof LogSegment.Damaged damage) {
          problem = "; " + damage.getMessage();
        } else if (e.getCause() instanceof FileNotFoundException) {
          gone = e.getCause();
        } else {
          throw e.getCause();
        }
        segments.remove(e.segment());
      }
    }
  }

  /** By the names of the files alone. */
  private static boolean extend(List<LogSegment> chain, List<LogSegment> all, long end) {
    long at = chain.isEmpty() ? 0 : chain.get(chain.size() - 1).end();
    if (at == end) {
      return true;
    }
    for (LogSegment segment : all) {
      if (segment.start() == at) {
        chain.add(segment);
        if (extend(chain, all, end)) {
          return true;
        }
        chain.remove(chain.size() - 1);
      }
    }
    return false;
  }

  private static <T extends Consumer<ArrivedImage>> StoredArrivals<T> add(
      Path folder, SegmentBytes bytes, T sum) {
    RecordCursor cursor = new RecordCursor(bytes, 0);
    ChunkDecisions decisions = null;
    long images = 0;
    long[] deleted = {0};
    List<String> roots = List.of();
    try {
      while (cursor.hasNext()) {
        RecordCursor.Kind kind = cursor.next();
        if ((decisions == null) != (kind == RecordCursor.Kind.HEADER)) {
          throw new IllegalArgumentException("it must have one header, at its beginning");
        }
        switch (kind) {
          case HEADER -> {
            ArrivalLogHeader header = cursor.header();
            decisions = new ChunkDecisions(header.chunkImages(), header.replayShare());
          }
          case ROOTS -> roots = cursor.roots();
          case IMAGE -> {
            sum.accept(cursor.image());
            images++;
          }
          case CHUNKS -> decisions.add(cursor.chunkKind(), cursor.chunkCount());
          case DELETED -> cursor.forEachDeleted((first, count) -> deleted[0] += count);
        }
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw new UserError(
          "the log of arrivals in %s cannot be read: it is damaged before byte %d: %s"
              .formatted(folder, cursor.position(), PrintableText.reason(e)),
          e);
    }
    long used = decisions == null ? 0 : decisions.used();
    return new StoredArrivals<>(sum, images, used, deleted[0], roots, bytes.mostHeld());
  }
}
