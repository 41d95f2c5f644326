package io.simmim.pipeline.run.folder;

import io.simmim.operators.source.SourceCheckpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/**
 * The order in which the checkpoints and savepoints of an output were taken. Each tells which of
 * the starts of the job it is of, and jobs number theirs. Clocks are set back, and those of
 * machines differ; so time decides only where that is not told: between those of earlier builds,
 * and for one whose metadata cannot be read.
 */
final class PointOrder {
  private final List<Place> places = new ArrayList<>();

  /**
   * Where a point is.
   *
   * @param start of the job that took it, from 1; 0 if that is not told
   * @param number of the point in the course of its job; 0 if that is not told
   */
  private record Place(RestorePoint point, long start, long number) {
    static final Comparator<Place> BY_TIME =
        Comparator.<Place>comparingLong(place -> place.point.completed())
            .thenComparingLong(Place::number);
    static final Comparator<Place> BY_START =
        Comparator.comparingLong(Place::start).thenComparingLong(Place::number);
  }

  /** What the metadata of a point tells. That of a job at its end tells no start. */
  private static Place read(RestorePoint point) {
    try {
      CheckpointMetadata metadata = new PointStates(point.path()).metadata();
      long start = PointStates.source(metadata).map(SourceCheckpoint::startNumber).orElse(0L);
      return new Place(point, start, metadata.getCheckpointId());
    } catch (IOException | RuntimeException e) { // damaged: whoever goes on from it is told
      return new Place(point, 0, 0);
    }
  }

  /** Adds one that is on its own, as savepoints are. */
  void add(RestorePoint point) {
    places.add(read(point));
  }

  /**
   * Adds those in the folder of one job; their numbers are in their names. One that does not tell
   * its start is of that of the one before it, and none counts as older than an earlier one, even
   * if the clock was set back between them.
   */
  void addOfJob(List<RestorePoint> points) {
    List<RestorePoint> ascending = new ArrayList<>(points);
    ascending.sort(Comparator.comparingLong(RestorePoint::number));
    long start = 0;
    long latest = 0;
    for (RestorePoint point : ascending) {
      long told = read(point).start;
      start = told > 0 ? told : start;
      latest = Math.max(latest, point.completed());
      places.add(new Place(new RestorePoint(point.path(), latest, false), start, point.number()));
    }
  }

  /** The highest start that is told; 0 if there is none. */
  long latestStart() {
    return places.stream().mapToLong(Place::start).max().orElse(0);
  }

  /** All that were added. */
  List<RestorePoint> newestFirst() {
    List<Place> byTime = places.stream().sorted(Place.BY_TIME).toList();
    List<Place> known = new ArrayList<>();
    Place highest = new Place(null, 0, 0);
    for (Place place : byTime) {
      // One that tells nothing is as new as the newest of those that were there before it.
      Place counted =
          place.start > 0 ? place : new Place(place.point, highest.start, highest.number);
      highest = Place.BY_START.compare(counted, highest) > 0 ? counted : highest;
      known.add(counted);
    }
    known.sort(Place.BY_START); // stable: what is equal stays in the order of time
    Collections.reverse(known);
    return known.stream().map(Place::point).toList();
  }
}
