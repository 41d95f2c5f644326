package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.Amount;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what comes and goes by listing the inputs at an interval. What a listing shows and the
 * one before it did not, arrives in random order, so that neighbours in a folder do not all meet in
 * one batch; what is gone comes before it. An object that was replaced is noticed if its length has
 * changed, or if a reader missed it meanwhile.
 *
 * <p>A listing that fails is counted, and repeated after the interval; the other inputs are listed
 * all the same. That it fails is logged as {@link ListingTrouble} says.
 */
public final class ListingFeed implements ArrivalFeed {
  private static final Logger LOG = LoggerFactory.getLogger(ListingFeed.class);

  /** Arrivals per batch. */
  static final int BATCH = 1000;

  /** Knows whether an input is there. */
  public interface InputCheck {
    /**
     * Whether an input without any object is there all the same: its bucket answers, or the folder
     * holds something else.
     */
    boolean isThereWithoutObjects(String input);
  }

  private final List<FollowedInput> inputs = new ArrayList<>();
  private final Duration interval;
  private Iterator<FollowedInput> round = Collections.emptyIterator();
  private Iterator<Arrival> news = Collections.emptyIterator();
  private long nextNanos = System.nanoTime();

  /**
   * @param folders folders or files on any Flink file system, by their qualified URIs
   * @param excludedFolders folders below them that are left out
   * @param interval from the end of a listing of all inputs to the beginning of the next one
   * @param seed of the order in which new objects arrive
   * @param log what the first listing is compared with; not used any more afterwards
   */
  public ListingFeed(
      List<String> folders,
      List<String> excludedFolders,
      Duration interval,
      long seed,
      ArrivalLog log,
      InputCheck check)
      throws IOException {
    this(folders, excludedFolders, interval, seed, log, check, LOG::warn);
  }

  /**
   * @param warn takes lines for people
   */
  ListingFeed(
      List<String> folders,
      List<String> excludedFolders,
      Duration interval,
      long seed,
      ArrivalLog log,
      InputCheck check,
      Consumer<String> warn)
      throws IOException {
    for (String folder : folders) {
      inputs.add(new FollowedInput(folder, excludedFolders, seed, check, log, warn));
    }
    this.interval = interval;
  }

  /**
   * Notes that a reader did not find an object, on any thread: if a listing that begins later shows
   * it, it has come again.
   *
   * @param image what was to be read
   */
  public void missed(ArrivedImage image) {
    long millis = Math.max(System.currentTimeMillis(), image.eventMillis());
    inputs.forEach(input -> input.missed(image.uri(), millis));
  }

  @Override
  public ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException {
    long unreadable = 0;
    if (!news.hasNext()) {
      if (!round.hasNext()) {
        long wait = nextNanos - System.nanoTime();
        if (wait > timeout.toNanos()) {
          Thread.sleep(timeout.toMillis());
          return ArrivalBatch.EMPTY;
        }
        Thread.sleep(Math.max(0, wait / 1_000_000));
        round = inputs.iterator();
      }
      FollowedInput input = round.next();
      try {
        FollowedInput.News listed = input.list();
        news = listed.arrivals();
        unreadable = listed.unreadable();
      } catch (UserError | IllegalStateException | IllegalArgumentException e) {
        LOG.debug("Listing an input failed", e);
        input.failed(
            "Listing an input failed; it is tried again every %s: %s"
                .formatted(Amount.of(interval), e.getMessage()));
        return new ArrivalBatch(List.of(), Map.of(), Map.of("listing failed", 1L));
      } finally {
        nextNanos = System.nanoTime() + interval.toNanos();
      }
    }
    List<Arrival> arrivals = new ArrayList<>();
    while (news.hasNext() && arrivals.size() < BATCH) {
      arrivals.add(news.next());
    }
    return new ArrivalBatch(
        arrivals, Map.of(), unreadable == 0 ? Map.of() : Map.of("unreadable name", unreadable));
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
