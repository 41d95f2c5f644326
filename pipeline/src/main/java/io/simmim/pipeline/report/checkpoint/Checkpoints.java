package io.simmim.pipeline.report.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.schemas.timing.StoredTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The completed checkpoints and savepoints of a run. It is bounded, whatever their number.
 *
 * @param count how many there are
 * @param stalled how long training stood still for all of them
 * @param longest how long it stood still for one of them at most
 * @param course some of them, in their order: all, or of so many neighbours the one that took
 *     longest
 * @param width so many neighbours
 * @param newest the last ones, the newest one first
 * @param restarts how often the run went on from one
 * @param restartsAfter them, by the complete steps then, in their order; not more than some
 */
public record Checkpoints(
    long count,
    Duration stalled,
    Duration longest,
    List<Taken> course,
    long width,
    List<Taken> newest,
    long restarts,
    Map<Long, List<Restart>> restartsAfter) {
  /** Of a run that tells of none. */
  public static final Checkpoints NONE = new Lines().result();

  /** About as many as a chart has room for. */
  static final int MOST_OF_COURSE = 256;

  static final int MOST_NEWEST = 10;

  /** Of a run that is interrupted every hour for a year. */
  static final int MOST_RESTARTS = 10_000;

  public Checkpoints {
    course = List.copyOf(course);
    newest = List.copyOf(newest);
    restartsAfter = Map.copyOf(restartsAfter);
  }

  /**
   * One of them.
   *
   * @param bytes of the training state as it is stored; -1 if that is not known
   * @param seconds until it was complete; NaN if that is not known
   * @param uploadSeconds of them writing; NaN if that is not known
   * @param stallSeconds how long training stood still
   */
  public record Taken(
      long checkpoint,
      boolean savepoint,
      long step,
      Instant begun,
      long bytes,
      double seconds,
      double uploadSeconds,
      double stallSeconds) {}

  /** Adds up the lines of {@code checkpoints.jsonl}. */
  public static final class Lines {
    private final List<Taken> course = new ArrayList<>();
    private final ArrayDeque<Taken> newest = new ArrayDeque<>();
    private final Map<Long, List<Restart>> restartsAfter = new HashMap<>();
    private long restarts;
    private long count;
    private long last;
    private double stalled;
    private double longest;
    private long width = 1;

    /** Takes the next line; what is none of ours, or not in order, is left out. */
    public void add(JsonNode line) {
      if (line.path("kind").asText("").equals("restart")) {
        restart(line);
        return;
      }
      long checkpoint = line.path("checkpoint").asLong();
      double stall = line.path("stall_seconds").asDouble(-1);
      Optional<Instant> begun = time(line, "time");
      if (begun.isEmpty() || checkpoint <= last || stall < 0) {
        return;
      }
      last = checkpoint;
      add(
          new Taken(
              checkpoint,
              line.path("kind").asText("").equals("savepoint"),
              line.path("step").asLong(),
              begun.get(),
              line.path("bytes").asLong(-1),
              line.path("seconds").asDouble(Double.NaN),
              line.path("upload_seconds").asDouble(Double.NaN),
              stall));
    }

    private void restart(JsonNode line) {
      Optional<Instant> at = time(line, "time");
      if (at.isEmpty()) {
        return;
      }
      if (restarts++ < MOST_RESTARTS) {
        Optional<Reached> before =
            time(line, "reached_time")
                .map(time -> new Reached(line.path("reached_step").asLong(), time.toEpochMilli()));
        restartsAfter
            .computeIfAbsent(line.path("step").asLong(), unused -> new ArrayList<>())
            .add(new Restart(at.get(), before));
      }
    }

    private static Optional<Instant> time(JsonNode line, String key) {
      return StoredTime.parse(line.path(key).asText());
    }

    private void add(Taken taken) {
      stalled += taken.stallSeconds();
      longest = Math.max(longest, taken.stallSeconds());
      newest.addFirst(taken);
      if (newest.size() > MOST_NEWEST) {
        newest.removeLast();
      }
      if (count % width == 0 && course.size() == MOST_OF_COURSE) {
        halve();
      }
      if (count % width == 0) {
        course.add(taken);
      } else {
        course.add(longer(course.remove(course.size() - 1), taken));
      }
      count++;
    }

    private void halve() {
      for (int i = 0; i < MOST_OF_COURSE / 2; i++) {
        course.set(i, longer(course.get(2 * i), course.get(2 * i + 1)));
      }
      course.subList(MOST_OF_COURSE / 2, MOST_OF_COURSE).clear();
      width *= 2;
    }

    private static Taken longer(Taken one, Taken other) {
      boolean unknown = Double.isNaN(one.seconds());
      return unknown || other.seconds() > one.seconds() ? other : one;
    }

    /** What they were. */
    public Checkpoints result() {
      return new Checkpoints(
          count,
          duration(stalled),
          duration(longest),
          course,
          width,
          List.copyOf(newest),
          restarts,
          restartsAfter);
    }

    private static Duration duration(double seconds) {
      return Duration.ofNanos(Math.round(seconds * 1e9));
    }
  }
}
