package io.simmim.pipeline.report.story;

import io.simmim.pipeline.report.checkpoint.Restart;
import io.simmim.pipeline.report.story.StepHistory.Waits;
import io.simmim.schemas.timing.DataWait;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/** Makes the history of the lines of {@code metrics.jsonl}, one after the other. */
final class StepLines {
  private final TimeLine time;
  private final Thinning loss = new Thinning();
  private final Thinning learningRate = new Thinning();
  private final Thinning gradientNorm = new Thinning();
  private final Thinning imagesPerSecond = new Thinning();
  private final Thinning waitShare = new Thinning();
  private final Thinning fetching = new Thinning();
  private final Thinning decoding = new Thinning();
  private final Thinning network = new Thinning();
  private long steps;
  private long lastStep;
  private int lastEpoch;
  private long imagesSeen;
  private long rejectedImages;
  private long unreadable;
  private Instant firstEnd = Instant.EPOCH;
  private Instant lastEnd = Instant.EPOCH;

  /**
   * @param isValidated whether the model was measured after a step
   * @param restartsAfter how often the run went on from a checkpoint after a step, in order
   */
  StepLines(LongPredicate isValidated, LongFunction<List<Restart>> restartsAfter) {
    time = new TimeLine(isValidated, restartsAfter);
  }

  void add(String line) {
    Optional<JsonFields> fields =
        JsonFields.of(line).filter(found -> found.whole("step") > lastStep);
    Optional<Instant> end = fields.flatMap(JsonFields::time);
    if (end.isEmpty()) {
      unreadable++;
      return;
    }
    add(fields.get(), end.get());
  }

  private void add(JsonFields fields, Instant end) {
    lastStep = fields.whole("step");
    lastEpoch = (int) fields.whole("epoch");
    imagesSeen = fields.whole("images_seen");
    rejectedImages = fields.whole("rejected_images");
    double speed = fields.number("images_per_second");
    double wait = fields.number("data_wait_share");
    DataWait parts =
        new DataWait(
            fields.number("fetch_wait_share"),
            fields.number("decode_wait_share"),
            fields.number("network_wait_share"));
    double seconds = speed > 0 ? fields.whole("images") / speed : Double.NaN;
    time.add(lastStep, end, seconds, wait, parts);
    if (fields.node().path("images").asLong(1) > 0) { // else they say nothing
      loss.add(lastStep, fields.number("loss"));
      gradientNorm.add(lastStep, fields.number("gradient_norm"));
    }
    learningRate.add(lastStep, fields.number("learning_rate"));
    imagesPerSecond.add(lastStep, speed);
    waitShare.add(lastStep, wait);
    fetching.add(lastStep, parts.fetching());
    decoding.add(lastStep, parts.decoding());
    network.add(lastStep, parts.network());
    if (steps++ == 0) {
      firstEnd = end;
    }
    lastEnd = end;
  }

  StepHistory result() {
    return new StepHistory(
        steps,
        lastStep,
        lastEpoch,
        imagesSeen,
        rejectedImages,
        unreadable,
        firstEnd,
        lastEnd,
        time.result(),
        loss.result(),
        learningRate.result(),
        gradientNorm.result(),
        imagesPerSecond.result(),
        new Waits(waitShare.result(), fetching.result(), decoding.result(), network.result()));
  }
}
