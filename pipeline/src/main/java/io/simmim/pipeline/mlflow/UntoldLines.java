package io.simmim.pipeline.mlflow;

import io.simmim.pipeline.sink.LineFollower;
import io.simmim.pipeline.sink.ShownNames;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;

/**
 * What a server is still to be told, read from the lines of a run, which are its buffer: nothing
 * has to be kept in memory for a server that is away. Not thread-safe.
 */
final class UntoldLines {
  /** More than any step or evaluation has. */
  private static final int NUMBERS_OF_A_LINE = 16;

  /** Ends of epochs whose times are known; evaluations come soon after them. */
  private static final int MOST_ENDS = 4096;

  private final String output;
  private LineFollower metrics;
  private LineFollower validation;
  private LineFollower evaluation;

  /** When an epoch's last step was, by the step. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  private long lastStep;
  private long lastEpoch;
  private long lastMillis;

  UntoldLines(String output) {
    this.output = output;
    reset();
  }

  private void reset() {
    metrics = new LineFollower(new Path(output, "metrics.jsonl"));
    validation = new LineFollower(new Path(output, "validation.jsonl"));
    evaluation = new LineFollower(new Path(output, "evaluation.jsonl"));
    ends.clear();
    lastStep = 0;
    lastEpoch = 0;
    lastMillis = 0;
  }

  /** When the last step that was read was taken, milliseconds since 1970; 0 if there is none. */
  long lastMillis() {
    return lastMillis;
  }

  /** When the first step was taken, milliseconds since 1970. */
  OptionalLong firstMillis() throws IOException {
    OptionalLong[] first = {OptionalLong.empty()};
    new LineFollower(new Path(output, "metrics.jsonl"))
        .forEach(
            line -> {
              first[0] = ToldLine.of(line).map(ToldLine::epochMillis).orElse(OptionalLong.empty());
              return false;
            });
    return first[0];
  }

  /**
   * Reads what comes next.
   *
   * @param told what was told
   * @param limit no later step is read
   * @param batch takes the numbers
   * @return what will have been told with them
   */
  ToldSoFar read(ToldSoFar told, long limit, MetricBatch batch) throws IOException {
    try {
      long[] through = {told.steps(), told.validations(), told.evaluations()};
      metrics.forEach(
          line -> {
            Optional<ToldLine> read = ToldLine.of(line);
            return read.isEmpty() || step(read.get(), limit, through, batch);
          });
      validation.forEach(
          line ->
              ToldLine.of(line).map(read -> validation(read, limit, through, batch)).orElse(true));
      evaluation.forEach(
          line ->
              ToldLine.of(line).map(read -> evaluation(read, limit, through, batch)).orElse(true));
      return told.through(through[0], through[1], through[2]);
    } catch (IOException e) {
      reset(); // some of what was read is told to nobody
      throw e;
    }
  }

  private boolean step(ToldLine line, long limit, long[] through, MetricBatch batch) {
    if (line.step() > limit || !batch.hasRoom(NUMBERS_OF_A_LINE)) {
      return false;
    }
    if (line.epoch() != lastEpoch && lastStep > 0) {
      ends.put(lastStep, lastMillis);
      if (ends.size() > MOST_ENDS) {
        ends.pollFirstEntry();
      }
    }
    lastStep = line.step();
    lastEpoch = line.epoch();
    lastMillis = line.epochMillis().orElse(lastMillis);
    if (line.step() > through[0]) {
      batch.add(line.step(), lastMillis, line.numbers(ShownNames.STEP));
      through[0] = line.step();
    }
    return true;
  }

  private boolean validation(ToldLine line, long limit, long[] through, MetricBatch batch) {
    if (line.step() > Math.min(limit, lastStep) || !batch.hasRoom(NUMBERS_OF_A_LINE)) {
      return false;
    }
    if (line.step() > through[1]) {
      long millis = line.epochMillis().orElse(lastMillis);
      batch.add(line.step(), millis, line.numbers(ShownNames.VALIDATION));
      through[1] = line.step();
    }
    return true;
  }

  /** It tells no time itself; that of its step is the same whenever it is told. */
  private boolean evaluation(ToldLine line, long limit, long[] through, MetricBatch batch) {
    if (line.step() > Math.min(limit, lastStep) || !batch.hasRoom(NUMBERS_OF_A_LINE)) {
      return false;
    }
    if (line.step() > through[2]) {
      long millis = ends.getOrDefault(line.step(), lastMillis);
      batch.add(line.step(), millis, line.evaluation());
      through[2] = line.step();
    }
    return true;
  }
}
