package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.RejectedImageSerializer;
import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.checkpoint.CheckpointCostSerializer;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.EpochAccuracySerializer;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopySerializer;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.schemas.histogram.TensorHistogramSerializer;
import org.apache.flink.util.OutputTag;

/** Side outputs of the {@link TrainingOperator}. */
public final class TrainingOutputs {
  /** Images that could not be used. */
  public static final OutputTag<RejectedImage> REJECTED =
      new OutputTag<>("rejected-images", RejectedImageSerializer.TYPE);

  /** Accuracies, of a model that is measured after each epoch. */
  public static final OutputTag<EpochAccuracy> EPOCHS =
      new OutputTag<>("epochs", EpochAccuracySerializer.TYPE);

  /** Copies of the model that others are to look at: each when it is due, and when it is there. */
  public static final OutputTag<ModelCopy> COPIES =
      new OutputTag<>("model-copies", ModelCopySerializer.TYPE);

  /**
   * What completed checkpoints took, each once or, after a restart, twice; without those that
   * complete behind the end of the run.
   */
  public static final OutputTag<CheckpointCost> CHECKPOINTS =
      new OutputTag<>("checkpoints", CheckpointCostSerializer.TYPE);

  /** Histograms of weights and gradients, one behind the other those of a step. */
  public static final OutputTag<TensorHistogram> HISTOGRAMS =
      new OutputTag<>("histograms", TensorHistogramSerializer.TYPE);

  private TrainingOutputs() {}
}
