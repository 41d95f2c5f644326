package io.simmim.pipeline.report.story;

import io.simmim.pipeline.report.checkpoint.Checkpoints;
import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.watched.ShownPictures;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
 * @param unread which these are: what is told of them is not all, or nothing
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
    List<String> problems,
    Set<Part> unread) {
  public RunReport {
    problems = List.copyOf(problems);
    unread = Set.copyOf(unread);
  }

  /** What a report is made of. */
  public enum Part {
    METRICS("metrics.jsonl"),
    VALIDATION("validation.jsonl"),
    EVALUATION("evaluation.jsonl"),
    CHECKPOINTS("checkpoints.jsonl"),
    REJECTED("rejected.jsonl"),
    CONFIG("config.resolved.yaml"),
    RECORD("run.json"),
    PLAN("the plan of the run"),
    LOCK("run.lock"),
    PICTURES("pictures"),
    ARRIVALS("arrivals"),
    STORED("checkpoints and models"),
    MASKS("masks");

    private final String text;

    Part(String text) {
      this.text = text;
    }

    /** That it cannot be read, as a sentence without its end. */
    public String unreadable() {
      return text + " cannot be read";
    }
  }

  /** Whether all of some parts was read, or is not there. */
  public boolean isRead(Part... parts) {
    return Arrays.stream(parts).noneMatch(unread::contains);
  }

  /** Whether it is known that images keep arriving while the run goes on. */
  public boolean isContinuous() {
    return arrivals.isPresent() || (goal.isKnown() && goal.images().isEmpty());
  }
}
