package io.simmim.pipeline.report.story;

import io.simmim.pipeline.report.checkpoint.Checkpoints;
import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.watched.ShownPictures;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that a page tells of a run. It is bounded, whatever the length of the run.
 *
 * @param output where the run is, as people write it
 * @param made when it was looked at
 * @param evaluations of the features, while the model was trained
 * @param pictures of what the model made of masked images, while it was trained
 * @param arrivals of a run on images that keep arriving
 * @param checkpoints what they took
 * @param config nothing if it cannot be read by this build
 * @param masks a line on the masks; empty if the run has none, or they cannot be read
 * @param problems parts of the output that could not be read, and why
 */
public record RunReport(
    String output,
    Instant made,
    RunState state,
    Goal goal,
    StepHistory history,
    RejectedImages rejected,
    Validations validations,
    Evaluations evaluations,
    ShownPictures pictures,
    Optional<Arrivals> arrivals,
    StoredParts stored,
    Checkpoints checkpoints,
    Optional<ComparedConfig> config,
    String masks,
    List<String> problems) {
  public RunReport {
    problems = List.copyOf(problems);
  }
}
