package io.simmim.pipeline.report.html;

import io.simmim.pipeline.report.story.TimeSpent;
import io.simmim.pipeline.report.story.TimeSpent.Waiting;
import java.time.Duration;

/** What to do about a trainer that waits for data. */
final class WaitAdvice {
  /** Below, faster images would not be felt. */
  private static final double LITTLE = 0.05;

  private static final double MUCH = 0.3;

  private static final String FETCHING =
      "The longest part is fetching: a higher fetch.concurrency, storage that is nearer, or many"
          + " images in few tar shards shorten it.";

  private static final String IDLE =
      "The run may just be waiting for images to arrive: then there is nothing to be done. ";

  private static final String DECODING =
      "The longest part is decoding: more tasks that decode (-p), cores for them, or smaller images"
          + " in storage shorten it.";

  private static final String NETWORK =
      "The longest part is the network, the way from decoding to the trainer: decode on the machine"
          + " that trains, or nearer to it; if it is the same one, its cores are busy, or checkpoints"
          + " follow each other too closely.";

  private static final String UNKNOWN =
      "More tasks that decode (-p, or cores) shorten it; where storage answers slowly, so does a"
          + " higher fetch.concurrency.";

  private WaitAdvice() {}

  /**
   * A sentence, by the share of the time of steps and what it was for.
   *
   * @param continuous whether images keep arriving: fetching lasts from the wish for images,
   *     whether there are any or not
   */
  static String of(TimeSpent time, boolean continuous) {
    double share = time.waitShare();
    if (Double.isNaN(share)) {
      return "";
    }
    if (share < LITTLE) {
      return "The images come fast enough.";
    }
    String cure = cure(time.waited());
    if (continuous && (cure.equals(FETCHING) || cure.equals(UNKNOWN))) {
      return IDLE + cure;
    }
    return (share < MUCH ? "" : "The trainer is held up by its data. ") + cure;
  }

  /** Of the largest part. */
  private static String cure(Waiting waited) {
    if (waited.undivided().compareTo(waited.divided()) > 0) {
      return UNKNOWN;
    }
    Duration fetching = waited.fetching();
    Duration decoding = waited.decoding();
    if (longest(fetching, decoding, waited.network())) {
      return FETCHING;
    }
    return longest(decoding, fetching, waited.network()) ? DECODING : NETWORK;
  }

  private static boolean longest(Duration part, Duration other, Duration another) {
    return part.compareTo(other) >= 0 && part.compareTo(another) >= 0;
  }
}
