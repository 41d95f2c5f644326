package io.simmim.pipeline.report.serve;

import io.simmim.pipeline.report.story.RunReader;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/**
 * The runs that were asked for: outputs of runs, and those that lie in folders of outputs, also if
 * they begin later. Thread-safe.
 */
final class ServedRuns {
  /** Folders are listed no more often. */
  private static final Duration LISTED = Duration.ofSeconds(15);

  private final List<String> given;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private Map<String, ServedRun> known = Map.of();
  private long next;

  /**
   * What the user names.
   *
   * @param given outputs, or folders of them
   * @param clock tells how long ago a run did something
   * @param nanoTime tells how long ago was looked; goes on evenly when the clock is set
   */
  ServedRuns(List<String> given, Clock clock, LongSupplier nanoTime) {
    this.given = List.copyOf(given);
    this.clock = clock;
    this.nanoTime = nanoTime;
    next = nanoTime.getAsLong();
  }

  /**
   * All that are there, in the order in which they were named and then by name.
   *
   * @throws UserError if there is none
   */
  synchronized List<ServedRun> all() {
    if (nanoTime.getAsLong() - next >= 0) {
      Map<String, ServedRun> found = new LinkedHashMap<>();
      for (String uri : given) {
        for (String output : outputs(uri)) {
          ServedRun before = known.get(output);
          found.put(output, before == null ? new ServedRun(output, clock, nanoTime) : before);
        }
      }
      known = found;
      next = nanoTime.getAsLong() + LISTED.toNanos();
    }
    if (known.isEmpty()) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "no run in %s (allowed: outputs of runs, folders with run.json or metrics.jsonl; and folders of these)",
              String.join(", ", given)));
    }
    return List.copyOf(known.values());
  }

  /** One of them, by its output. */
  Optional<ServedRun> of(String output) {
    return all().stream().filter(run -> run.output().equals(output)).findFirst();
  }

  private static List<String> outputs(String uri) {
    try {
      Path root = StorageUri.path("OUTPUT", uri);
      if (RunReader.isRun(root)) {
        return List.of(uri);
      }
      List<String> found = new ArrayList<>();
      for (FileStatus child : FolderContent.of(root)) {
        if (child.isDir() && RunReader.isRun(child.getPath())) {
          found.add(child.getPath().toString());
        }
      }
      return found.stream().sorted().toList();
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          String.format(Locale.ROOT, "cannot read %s: %s", uri, StorageFailure.reason(e)), e);
    }
  }
}
