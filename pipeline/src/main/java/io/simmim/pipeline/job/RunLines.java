package io.simmim.pipeline.job;

import io.simmim.pipeline.run.ContinuousInputs;
import io.simmim.pipeline.run.PreparedRun;
import io.simmim.pipeline.run.RunImages;
import io.simmim.pipeline.run.RunSize;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.folder.TrainedModel;
import io.simmim.schemas.UserError;
import io.simmim.schemas.checkpoint.DamagedCheckpoint;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.NotedAccuracy;
import io.simmim.trainer.loop.TrainingLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.util.ExceptionUtils;

/** What people are told of a run at its beginning and its end. */
final class RunLines {
  private RunLines() {}

  static String beginning(PreparedRun run) {
    String beginning =
        run.images() instanceof RunImages.Arriving arriving
            ? ContinuousInputs.line(arriving, run)
            : "%,d images, %,d steps of %,d images in %,d epochs, output %s"
                .formatted(
                    run.catalog().size(),
                    run.plan().totalSteps(),
                    run.plan().globalBatch(),
                    run.plan().epochs(),
                    RunFolder.readable(run.folder().root()));
    return run.restore()
        .map(point -> beginning + "\ncontinuing from " + RunFolder.readable(point.path()))
        .orElse(beginning);
  }

  /**
   * What a run takes of storage.
   *
   * @param size as the run asks for
   * @param kept how many checkpoints are kept where it runs
   */
  static List<String> size(RunSize size, int kept) {
    int wanted = size.checkpoints();
    List<String> lines = new ArrayList<>(List.of(size.keeping(kept).line()));
    if (kept < wanted) {
      lines.add(
          "checkpoint.retained is %d, but on a cluster %s in the JobManager's configuration counts: %d"
              .formatted(wanted, CheckpointingOptions.MAX_RETAINED_CHECKPOINTS.key(), kept));
    }
    return lines;
  }

  /**
   * Of a run whose job was stopped with a savepoint in its output, as {@code flink stop} does: to
   * Flink such a job has come to its end.
   *
   * @return nothing if that is not how it ended
   */
  static Optional<String> stopped(PreparedRun run) {
    if (TrainedModel.steps(run.folder()) >= run.plan().totalSteps()) {
      return Optional.empty();
    }
    return RestorePoint.all(run.folder()).stream()
        .findFirst()
        .filter(RestorePoint::savepoint)
        .filter(newest -> run.restore().filter(it -> it.path().equals(newest.path())).isEmpty())
        .map(
            newest ->
                "stopped after step %,d, saved in %s; the same command continues"
                    .formatted(newest.steps(), RunFolder.readable(newest.path())));
  }

  /** Whether a job did not fail, but was cancelled: by {@code flink cancel} or in the web UI. */
  static boolean isCancelled(Exception failure) {
    return ExceptionUtils.findThrowable(failure, JobCancellationException.class).isPresent();
  }

  /**
   * What is told of a job that ended with an exception: of one that was cancelled, how it goes on.
   *
   * @param folder its output
   */
  static Exception ifCancelled(Exception failure, RunFolder folder) {
    Optional<JobCancellationException> cancelled =
        ExceptionUtils.findThrowable(failure, JobCancellationException.class);
    if (cancelled.isEmpty()) {
      return failure;
    }
    String line =
        "the job was cancelled; the same command continues: " + LostSteps.of(folder).line();
    return new JobExecutionException(
        cancelled.get().getJobID(), line, new UserError(line, failure));
  }

  /**
   * Of a run whose job has ended by itself.
   *
   * @throws JobExecutionException if that was before the last step
   */
  static List<String> end(PreparedRun run, JobID job) throws JobExecutionException {
    long steps = run.plan().totalSteps();
    long taken = TrainedModel.steps(run.folder());
    if (taken < steps) {
      String line =
          "the job ended after step %,d of %,d, and there is no model: it was stopped with a savepoint elsewhere, or the checkpoint that it went on from is damaged (--resume PATH goes on from another one)"
              .formatted(taken, steps);
      throw new JobExecutionException(job, line, new UserError(line));
    }
    List<String> lines = new ArrayList<>();
    lines.add("trained all %,d steps; the model is in".formatted(steps));
    lines.add(run.model());
    lines.addAll(accuracy(run));
    return lines;
  }

  /** What a fine-tuned model is worth: at its best, and in the last line after its last epoch. */
  static List<String> accuracy(PreparedRun run) {
    if (run.labels().isEmpty()) {
      return List.of();
    }
    String output = run.folder().root().toString();
    Path best = new Path(ModelPaths.best(output));
    List<String> lines = new ArrayList<>();
    try {
      NotedAccuracy.read(best)
          .ifPresent(
              noted ->
                  lines.add(
                      "best after epoch %d, in %s: %s"
                          .formatted(noted.epoch() + 1, RunFolder.readable(best), noted.text())));
      NotedAccuracy.read(new Path(ModelPaths.trained(output)))
          .ifPresent(last -> lines.add(last.text()));
    } catch (IOException e) {
      throw new UserError("cannot read what the model is worth: " + e.getMessage(), e);
    }
    return lines;
  }

  /**
   * Where a run goes on whose job has failed, if the failure alone does not say that.
   *
   * @param failure its line
   * @param restored what the job went on from
   */
  static Optional<String> afterwards(
      String failure, Optional<RestorePoint> restored, RunFolder folder) {
    if (failure.startsWith(TrainingLoop.DIVERGED)) {
      return Optional.of(whereToGoBack(folder));
    }
    return DamagedCheckpoint.isToldBy(failure)
        ? Optional.of(RestorePoint.insteadOf(restored, folder))
        : Optional.empty();
  }

  /** Of a run that diverged. No checkpoint holds what is no number. */
  private static String whereToGoBack(RunFolder folder) {
    return RestorePoint.all(folder).stream()
        .findFirst()
        .map(
            point ->
                "the newest checkpoint before it is %s; `bin/simmim export --from` it gives a model"
                        .formatted(RunFolder.readable(point.path()))
                    + " that another run can begin with (--init-from), at a lower rate")
        .orElse("no checkpoint was completed before it");
  }
}
