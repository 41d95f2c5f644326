package io.simmim.pipeline.report.story;

import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.arrival.log.StoredArrivals;
import io.simmim.pipeline.run.folder.NewestPart;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.storage.FolderContent;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.core.fs.FileStatus;

/**
 * The images that came while a run without an end goes on.
 *
 * @param images all that came
 * @param unusable those of them that cannot be used
 * @param deleted those that are gone
 * @param used those that were trained on as new ones
 * @param bytes of all
 * @param days the newest days, in their order
 * @param roots where they come from
 */
public record Arrivals(
    long images,
    long unusable,
    long deleted,
    long used,
    long bytes,
    List<Day> days,
    List<String> roots) {
  static final int MOST_DAYS = 30;

  /** All of it is read again and again while somebody looks at the run. */
  private static final long LARGEST_LOG = 512L << 20;

  /** The times are of others. */
  private static final int MOST_DATES = 10_000;

  public Arrivals {
    days = List.copyOf(days);
    roots = List.copyOf(roots);
  }

  /** A day (UTC) and the images that came on it. */
  public record Day(LocalDate date, long images) {}

  /**
   * Nothing if the run has a list, or its log is too long to be read here.
   *
   * @throws io.simmim.schemas.UserError if the log is damaged
   */
  static Optional<Arrivals> of(RunFolder folder) throws IOException {
    if (!ArrivalLogFiles.isLog(folder.arrivals())) {
      return Optional.empty();
    }
    long stored = FolderContent.of(folder.arrivals()).stream().mapToLong(FileStatus::getLen).sum();
    if (stored > LARGEST_LOG) {
      return Optional.empty();
    }
    StoredArrivals<Tally> log =
        NewestPart.read(() -> StoredArrivals.newest(folder.arrivals(), Tally::new));
    Tally tally = log.sum();
    List<Day> days = new ArrayList<>();
    tally.days.forEach((date, images) -> days.add(new Day(date, images)));
    return Optional.of(
        new Arrivals(
            log.images(),
            tally.unusable,
            log.deleted(),
            log.used(),
            tally.bytes,
            days.subList(Math.max(0, days.size() - MOST_DAYS), days.size()),
            log.roots()));
  }

  private static final class Tally implements Consumer<ArrivedImage> {
    private final Map<LocalDate, Long> days = new TreeMap<>();
    private long unusable;
    private long bytes;

    @Override
    public void accept(ArrivedImage image) {
      unusable += image.problem().isEmpty() ? 0 : 1;
      bytes += image.length();
      LocalDate date =
          Instant.ofEpochMilli(image.eventMillis()).atZone(ZoneOffset.UTC).toLocalDate();
      if (days.size() < MOST_DATES || days.containsKey(date)) {
        days.merge(date, 1L, Long::sum);
      }
    }
  }
}
