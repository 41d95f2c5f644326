package io.simmim.trainer.operator;

import io.simmim.schemas.BatchPlan;
import io.simmim.trainer.TrainerConfig;
import io.simmim.trainer.optimizer.ScheduleConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * Everything that {@link TrainingOperator} is told.
 *
 * @param trainer model and optimizer
 * @param plan epochs, steps, micro-batches and chunks of the run
 * @param schedule learning rates
 * @param output folder of the run on any Flink file system; see {@link ModelPaths}
 * @param exportEveryEpochs epochs between two exports while training goes on; 0 = only at the end
 * @param rejectionLimit unusable images that the run tolerates
 * @param maxChunksAhead a chunk may arrive so many before its turn; the enumerator's window and
 *     what is under way between it and here must fit. Bounds the memory of the reordering
 * @param identity what a checkpoint must agree with to be continued
 */
public record TrainingOperatorConfig(
    TrainerConfig trainer,
    BatchPlan plan,
    ScheduleConfig schedule,
    String output,
    int exportEveryEpochs,
    RejectionLimit rejectionLimit,
    int maxChunksAhead,
    ConfigurationIdentity identity)
    implements Serializable {

  public TrainingOperatorConfig {
    Objects.requireNonNull(trainer, "trainer");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(rejectionLimit, "rejectionLimit");
    Objects.requireNonNull(identity, "identity");
    if (exportEveryEpochs < 0) {
      throw new IllegalArgumentException(
          "every-epochs must be at least 0 (0 = only at the end): " + exportEveryEpochs);
    }
    if (maxChunksAhead < plan.chunksPerMicroBatch()) {
      throw new IllegalArgumentException(
          "the window must hold the %d chunks of a micro-batch: %d"
              .formatted(plan.chunksPerMicroBatch(), maxChunksAhead));
    }
  }
}
