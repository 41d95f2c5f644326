package io.simmim.pipeline.replay;

import io.simmim.pipeline.evaluate.Workers;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.thread.Threads;
import io.simmim.trainer.loop.Handover;
import io.simmim.trainer.loop.LoopConfig;
import io.simmim.trainer.loop.RejectionLimit;
import io.simmim.trainer.loop.TrainingLoop;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.StoredTraining;
import io.simmim.trainer.operator.TrainingOperatorConfig;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Trains steps of a run again, up to one that is to be looked at: with the training loop of its
 * job, on the same images, from the checkpoint before the step. Its weights are then those that the
 * step had, to the bit where libtorch, device, kernels and number of threads are the same.
 *
 * <ol>
 *   <li>The start is chosen: a checkpoint or savepoint, or the beginning of the run.
 *   <li>The training loop restores it in a thread of its own, as in the job. This thread gives it
 *       micro-batches, which others decode ahead.
 *   <li>Before the step the weights are copied into a model that stays as it is.
 *   <li>The step itself is trained as well, and its loss compared with the run's.
 * </ol>
 */
public final class StepReplay {
  /** A run that came to the step was within its limit. */
  private static final RejectionLimit NO_LIMIT = new RejectionLimit(Integer.MAX_VALUE, 1);

  private StepReplay() {}

  /**
   * Replays a step. Writes nothing.
   *
   * @param step from 1, one that the run has come to
   * @param from checkpoint or savepoint to start from; the newest one before the step, or the
   *     beginning of the run, if none is named
   * @param say takes lines for people
   * @return the model as it was before the step, to be closed
   * @throws UserError if the run has not come to the step, there is no way to it, or its images are
   *     not there any more
   */
  public static ReplayedStep run(
      StoredRun run, long step, Optional<String> from, Consumer<String> say)
      throws IOException, InterruptedException {
    if (run.config().finetune().isOn()) {
      throw new UserError(
          "--replay is for runs of pre-training: in a fine-tuning images are mixed, and none has a loss of its own");
    }
    ReplayStart start = ReplayStart.choose(run, step, from, say);
    RunSteps told = RunSteps.read(run.folder().metrics(), start.steps() + 1, step);
    TrainingOperatorConfig training = run.trainer(start.initial(run, step));
    ClusterColors colors = run.colors();
    long steps = step - start.steps();
    say.accept(
        String.format(
            Locale.ROOT,
            "replaying %,d %s from %s",
            steps,
            steps == 1 ? "step" : "steps",
            start.text()));
    // Native memory that the training loop closes: nothing may fail between here and its start.
    Optional<StoredTraining> saved = saved(start, training);
    ReplayFollower follower =
        new ReplayFollower(
            run.config(),
            colors,
            step,
            told,
            saved.map(StoredTraining::platform),
            new ReplayProgress(steps, say));
    long first = saved.map(it -> it.progress().microBatches()).orElse(0L);
    try {
      train(run, training, saved, first, step * training.plan().accumulation(), follower);
      say.accept(follower.verdict());
      return new ReplayedStep(
          follower.takeEncoder(),
          String.format(
              Locale.ROOT, "%s, %,d %s", start.text(), steps, steps == 1 ? "step" : "steps"));
    } finally {
      follower.close();
    }
  }

  private static Optional<StoredTraining> saved(
      ReplayStart start, TrainingOperatorConfig training) {
    Optional<StoredTraining> saved = start.point().map(RestorePoint::training);
    try {
      saved.ifPresent(state -> state.requireContinuable(training));
      return saved;
    } catch (RuntimeException e) {
      saved.ifPresent(StoredTraining::close);
      throw e;
    }
  }

  /** Micro-batches from {@code first} to before {@code end}. */
  private static void train(
      StoredRun run,
      TrainingOperatorConfig training,
      Optional<StoredTraining> saved,
      long first,
      long end,
      ReplayFollower follower)
      throws IOException, InterruptedException {
    LoopConfig told = training.loop();
    LoopConfig config = new LoopConfig(told.trainer(), told.plan(), told.schedule(), NO_LIMIT);
    Handover handover = new Handover();
    Thread trainer =
        new Thread(
            new TrainingLoop(
                config, training.learners(), saved, handover, List.of(follower), follower),
            "simmim-replay");
    trainer.setDaemon(true);
    int chunks = told.plan().chunksPerMicroBatch();
    trainer.start(); // closes what is saved, from here on
    try (StepChunks images = new StepChunks(run, first * chunks, end * chunks)) {
      for (long i = first; i < end && follower.awaitRoom(); i++) {
        List<TensorChunk> microBatch = images.microBatch();
        follower.note(i / told.plan().accumulation() + 1, microBatch);
        handover.add(microBatch);
      }
      Workers.requireDone(follower.end());
    } finally {
      handover.close();
      Threads.end(trainer);
    }
  }
}
