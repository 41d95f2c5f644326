package io.simmim.pipeline.replay;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.InferenceConfig;
import io.simmim.trainer.loop.CapturedTraining;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.loop.TrainingLoop;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateParameters;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TrainingPlatform;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Follows a replay: copies the weights before the step that is looked at, and compares what comes
 * of the steps with what the run told. The training thread calls it; the one that gives it images
 * waits for room and for the end.
 */
final class ReplayFollower implements StepListener, TrainingLoop.Owner, AutoCloseable {
  /** One in training, and one that waits for it. */
  private static final int MICRO_BATCHES_AT_A_TIME = 2;

  private final SimmimConfig config;
  private final ClusterColors colors;
  private final long step;
  private final RunSteps told;
  private final Optional<TrainingPlatform> before;
  private final ReplayProgress progress;
  private final Semaphore room = new Semaphore(MICRO_BATCHES_AT_A_TIME);

  /** Makes what the training thread has written visible to the one that waits. */
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /** By the number of the step; those of the steps that are given and not yet trained. */
  private final Map<Long, List<RejectedImage>> unusable = new ConcurrentHashMap<>();

  private TrainingPlatform platform;
  private FrozenEncoder encoder;
  private long firstDifferent;
  private StepMetrics replayed;
  private String divergence;

  /**
   * A follower of a replay that is yet to begin.
   *
   * @param step that is looked at
   * @param told what the run told of the steps that are replayed
   * @param before what the checkpoint was trained with; empty at the beginning of a run
   */
  ReplayFollower(
      SimmimConfig config,
      ClusterColors colors,
      long step,
      RunSteps told,
      Optional<TrainingPlatform> before,
      ReplayProgress progress) {
    this.config = config;
    this.colors = colors;
    this.step = step;
    this.told = told;
    this.before = before;
    this.progress = progress;
  }

  /** Waits until another micro-batch may be given; false if the replay has ended. */
  boolean awaitRoom() throws InterruptedException {
    room.acquire();
    return !end.isDone();
  }

  /**
   * Takes note of what cannot be used of a micro-batch, before it is given. The training loop tells
   * of an image once only, and not of those that were rejected before the start.
   *
   * @param ofStep that it belongs to
   */
  void note(long ofStep, List<TensorChunk> microBatch) {
    List<RejectedImage> images = unusable.computeIfAbsent(ofStep, it -> new ArrayList<>());
    microBatch.forEach(chunk -> images.addAll(chunk.rejected()));
  }

  /** The end of the step that is looked at, or a failure before it. */
  Future<Void> end() {
    return end;
  }

  @Override
  public void begun(long steps, Learner model) {
    platform = model.platform();
    if (steps == step - 1) {
      copyWeights(model);
    }
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) {
    told.requireImages(metrics, unusable.remove(metrics.step()));
    if (firstDifferent == 0 && told.differs(metrics)) {
      firstDifferent = metrics.step();
    }
    progress.done(metrics.step() - told.first() + 1);
    if (metrics.step() == step - 1) {
      copyWeights(model);
    } else if (metrics.step() == step) {
      replayed = metrics;
      end.complete(null);
    }
  }

  private void copyWeights(Learner model) {
    InferenceConfig inference =
        new InferenceConfig(config.model(), colors, Precision.FP32, 1, config.training().device());
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      encoder = FrozenEncoder.load(inference, new StateParameters(snapshot));
    } catch (IOException e) {
      throw new UncheckedIOException("nothing but memory is read", e);
    }
  }

  @Override
  public void ready() {}

  @Override
  public void consumed(long microBatches) {
    room.release();
  }

  @Override
  public void captured(CapturedTraining training) {
    training.tensors().close(); // nobody asks for one
  }

  @Override
  public void failed(long failedStep, Throwable cause) {
    // With the weights of the step there is something to look at, and that is why it is.
    if (encoder != null
        && cause instanceof UserError
        && cause.getMessage().startsWith(TrainingLoop.DIVERGED)) {
      divergence = cause.getMessage();
      end.complete(null);
    } else {
      end.completeExceptionally(cause);
    }
    room.release();
  }

  /** How the step came out, compared with what the run told of it; one line for people. */
  String verdict() {
    double loss = told.loss(step);
    return divergence == null
        ? new ReplayVerdict(replayed.loss(), loss, firstDifferent, platform, before).line()
        : ReplayVerdict.diverged(divergence, loss);
  }

  /** The model before the step. Whoever takes it closes it. */
  FrozenEncoder takeEncoder() {
    FrozenEncoder taken = encoder;
    encoder = null;
    return taken;
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
  }
}
