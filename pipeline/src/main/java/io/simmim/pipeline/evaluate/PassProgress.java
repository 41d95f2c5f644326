package io.simmim.pipeline.evaluate;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Tells people how far a pass over images is, every few seconds. Thread-safe. */
public final class PassProgress {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final String option;
  private final Consumer<String> say;
  private final long total;
  private final LongSupplier clock;
  private final long start;
  private long told;
  private long done;
  private long rejected;
  private String firstRejected = "";
  private long firstRejectedId = Long.MAX_VALUE;

  /**
   * A pass that begins now.
   *
   * @param option that named the images
   * @param total number of images, with those that will turn out to be unusable
   * @param say takes lines for people
   */
  public PassProgress(String option, long total, Consumer<String> say) {
    this(option, total, say, System::nanoTime);
  }

  /**
   * The same by another clock.
   *
   * @param clock in nanoseconds
   */
  PassProgress(String option, long total, Consumer<String> say, LongSupplier clock) {
    this.option = option;
    this.total = total;
    this.say = say;
    this.clock = clock;
    this.start = clock.getAsLong();
    this.told = start;
  }

  /**
   * Counts images.
   *
   * @param used how many could be used
   * @param failed those that could not
   */
  public synchronized void add(int used, List<RejectedImage> failed) {
    done += used;
    rejected += failed.size();
    for (RejectedImage image : failed) {
      if (image.sampleId() < firstRejectedId) {
        firstRejectedId = image.sampleId();
        firstRejected = image.uri() + ": " + image.reason();
      }
    }
    long now = clock.getAsLong();
    if (now - told >= INTERVAL.toNanos() && done + rejected < total) {
      told = now;
      say.accept("%s: %d/%d images%s".formatted(option, done + rejected, total, rate(now)));
    }
  }

  /** How fast it goes, and how long it will. Of nothing that is not known. */
  private String rate(long now) {
    if (done + rejected == 0) {
      return "";
    }
    double perSecond = (done + rejected) / ((now - start) / 1e9);
    long seconds = Math.round((total - done - rejected) / perSecond);
    return String.format(
        Locale.ROOT,
        "  %.1f img/s  ETA %d:%02d:%02d",
        perSecond,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60);
  }

  /**
   * Says what could not be used.
   *
   * @return number of images that could
   * @throws UserError if none could
   */
  public synchronized long end() {
    String first = PrintableText.of(firstRejected);
    if (done == 0) {
      throw new UserError("%s: no image can be used: %s".formatted(option, first));
    }
    if (rejected > 0) {
      say.accept(
          "%s: left out images that cannot be used: %,d, the first is %s"
              .formatted(option, rejected, first));
    }
    return done;
  }
}
