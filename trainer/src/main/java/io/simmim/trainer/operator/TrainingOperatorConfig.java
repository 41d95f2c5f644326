package io.simmim.trainer.operator;

import io.simmim.schemas.BatchPlan;
import io.simmim.trainer.export.CopySchedule;
import io.simmim.trainer.export.ExportConfig;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.histogram.HistogramSchedule;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.loop.LoopConfig;
import io.simmim.trainer.loop.RejectionLimit;
import io.simmim.trainer.operator.weights.InitializedLearners;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.optimizer.ScheduleConfig;
import io.simmim.trainer.weights.WeightsReference;
import java.io.Serializable;
import java.util.Objects;

/**
 * Everything that {@link TrainingOperator} is told.
 *
 * @param trainer model and optimizer
 * @param initial what a new run's parameters are read from; null = they are drawn
 * @param plan epochs, steps, micro-batches and chunks of the run
 * @param schedule learning rates
 * @param decaySteps steps of the decay that ends a continuous run; 0 for other runs
 * @param output folder of the run on any Flink file system; see {@link ModelPaths}
 * @param export when the model is exported while training goes on
 * @param copies when others look at the model while training goes on
 * @param histograms after which steps there are some
 * @param rejectionLimit unusable images that the run tolerates
 * @param windowChunks chunks that the source hands out ahead of the slowest one it has not emitted
 * @param identity what a checkpoint must agree with to be continued
 */
public record TrainingOperatorConfig(
    LearnerConfig trainer,
    WeightsReference initial,
    BatchPlan plan,
    ScheduleConfig schedule,
    long decaySteps,
    String output,
    ExportConfig export,
    CopySchedule copies,
    HistogramSchedule histograms,
    RejectionLimit rejectionLimit,
    int windowChunks,
    ConfigurationIdentity identity)
    implements Serializable {
  /**
   * What Flink's network holds between two tasks with its default configuration, rounded up: 10
   * buffers of 32 KiB at the sender, 2 of the channel and 8 of the gate at the receiver.
   */
  private static final int BYTES_UNDER_WAY = 1 << 20;

  public TrainingOperatorConfig {
    Objects.requireNonNull(trainer, "trainer");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(export, "export");
    Objects.requireNonNull(copies, "copies");
    Objects.requireNonNull(histograms, "histograms");
    Objects.requireNonNull(rejectionLimit, "rejectionLimit");
    Objects.requireNonNull(identity, "identity");
    if (decaySteps < 0 || decaySteps > plan.totalSteps()) {
      throw new IllegalArgumentException(
          "continuous.decay-steps must be from 0 to the run's %d: %d"
              .formatted(plan.totalSteps(), decaySteps));
    }
    if (windowChunks < 1) {
      throw new IllegalArgumentException("fetch.window-chunks must be at least 1: " + windowChunks);
    }
  }

  /** What the training loop is told of it. */
  public LoopConfig loop() {
    LearningRateSchedule rates =
        decaySteps > 0 ? schedule.decaying(plan, decaySteps) : schedule.forRun(plan);
    return new LoopConfig(trainer, plan, rates, rejectionLimit);
  }

  /** What makes its model, and reads the weights that a new run begins with. */
  public Learner.Factory learners() {
    return beginning(LearnerConfig::create);
  }

  /** The same, whatever makes a model in a given state. */
  Learner.Factory beginning(Learner.Factory learners) {
    return initial == null ? learners : new InitializedLearners(initial, learners);
  }

  /**
   * How far a chunk may be ahead of the next one before the source must be broken. A chunk counts
   * as emitted when it is in the network buffers of its task, where others overtake it. Of a task
   * that stalls as many may be under way as fit into these buffers, and one that is being written;
   * each held a window, and so does the one after them. So small chunks may be far ahead, and large
   * ones a few windows: the memory of reordering is bounded in bytes.
   */
  int maxChunksAhead() {
    int size = trainer.imageSize();
    long chunkBytes = 3L * size * size * plan.chunkImages();
    long windows = 2 + (BYTES_UNDER_WAY + chunkBytes - 1) / chunkBytes;
    return Math.toIntExact(windows * windowChunks + plan.chunksPerMicroBatch());
  }
}
