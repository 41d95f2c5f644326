package io.simmim.pipeline.mlflow;

import io.simmim.pipeline.sink.ShownNames;
import io.simmim.pipeline.sink.stored.LineFollower;
import io.simmim.pipeline.sink.stored.LinePlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
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
  private final Path metricsPath;

  /** Nothing before the first read. */
  private LineFollower metrics;

  private LineFollower validation;
  private LineFollower evaluation;

  /** When an epoch's last step was, by the step. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  /** The step whose line was the first that was read, where others are before it; else 0. */
  private long firstStep;

  private long lastStep;
  private long lastEpoch;
  private long lastMillis;

  UntoldLines(String output) {
    this.output = output;
    this.metricsPath = new Path(output, "metrics.jsonl");
    reset();
  }

  private void reset() {
    metrics = null;
    validation = new LineFollower(new Path(output, "validation.jsonl"));
    evaluation = new LineFollower(new Path(output, "evaluation.jsonl"));
    ends.clear();
    firstStep = 0;
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
    return first(new LineFollower(metricsPath))
        .map(ToldLine::epochMillis)
        .orElse(OptionalLong.empty());
  }

  /** The next line, which comes again; nothing if there is none or it is none of ours. */
  private static Optional<ToldLine> first(LineFollower lines) throws IOException {
    AtomicReference<Optional<ToldLine>> first = new AtomicReference<>(Optional.empty());
    lines.forEach(
        line -> {
          first.set(ToldLine.of(line));
          return false;
        });
    return first.get();
  }

  /**
   * Goes on with the line of the last step that was told, or begins with the first one where it is
   * not at its place any more: the run may have gone back, and have other lines now.
   */
  private LineFollower follow(ToldSoFar told) throws IOException {
    if (told.place().isPresent()) {
      LineFollower there = new LineFollower(metricsPath, told.place().get());
      if (first(there).filter(line -> line.step() == told.steps()).isPresent()) {
        firstStep = told.steps();
        return there;
      }
    }
    return new LineFollower(metricsPath);
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
      if (metrics == null && limit == 0) {
        return told; // the sink may still have lines to drop, of steps that are taken again
      }
      if (metrics == null) {
        metrics = follow(told);
      }
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
      Optional<LinePlace> place = lastStep == through[0] ? metrics.last() : Optional.empty();
      return told.through(through[0], place, through[1], through[2]);
    } catch (UncheckedIOException e) {
      reset();
      throw e.getCause();
    } catch (IOException e) {
      reset(); // some of what was read is told to nobody
      throw e;
    }
  }

  private boolean step(ToldLine line, long limit, long[] through, MetricBatch batch) {
    if (line.step() > limit || !batch.hasRoom(NUMBERS_OF_A_LINE)) {
      return false;
    }
    noteEnd(line, lastStep, lastEpoch, lastMillis);
    lastStep = line.step();
    lastEpoch = line.epoch();
    lastMillis = line.epochMillis().orElse(lastMillis);
    if (line.step() > through[0]) {
      batch.add(line.step(), lastMillis, line.ofStep());
      through[0] = line.step();
    }
    return true;
  }

  private void noteEnd(ToldLine next, long step, long epoch, long millis) {
    if (next.epoch() != epoch && step > 0) {
      ends.put(step, millis);
      if (ends.size() > MOST_ENDS) {
        ends.pollFirstEntry();
      }
    }
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
      if (line.step() < firstStep && !ends.containsKey(line.step())) {
        readEndsBefore(firstStep);
      }
      long millis = ends.getOrDefault(line.step(), lastMillis);
      batch.add(line.step(), millis, line.evaluation());
      through[2] = line.step();
    }
    return true;
  }

  /**
   * An evaluation was late when the run was interrupted: only lines that were told tell its time.
   */
  private void readEndsBefore(long step) {
    firstStep = 0;
    long[] last = {0, 0, 0};
    try {
      new LineFollower(metricsPath)
          .forEach(
              text -> {
                Optional<ToldLine> read = ToldLine.of(text);
                if (read.isPresent()) {
                  ToldLine line = read.get();
                  noteEnd(line, last[0], last[1], last[2]);
                  last[0] = line.step();
                  last[1] = line.epoch();
                  last[2] = line.epochMillis().orElse(last[2]);
                }
                return last[0] < step;
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
