package io.simmim.trainer.operator;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.operator.failure.GpuLoss;
import io.simmim.trainer.operator.upload.CheckpointLines;
import java.util.Objects;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/**
 * Makes the {@link TrainingOperator} in its task. Set parallelism and maximum parallelism of the
 * transformation to 1.
 */
public final class TrainingOperatorFactory extends AbstractStreamOperatorFactory<StepMetrics>
    implements OneInputStreamOperatorFactory<TensorChunk, StepMetrics> {
  private final TrainingOperatorConfig config;
  private final Learner.Factory learners;
  private final GpuLoss gpuLoss;
  private final CheckpointLines lines;

  /**
   * @param gpuLoss what ends when the process cannot use its GPU any more
   * @param lines those that {@link TrainingOutputs#CHECKPOINTS} becomes
   */
  public TrainingOperatorFactory(
      TrainingOperatorConfig config, GpuLoss gpuLoss, CheckpointLines lines) {
    this.config = Objects.requireNonNull(config, "config");
    this.gpuLoss = Objects.requireNonNull(gpuLoss, "gpuLoss");
    this.lines = Objects.requireNonNull(lines, "lines");
    this.learners = config.learners();
  }

  TrainingOperatorFactory(
      TrainingOperatorConfig config,
      Learner.Factory learners,
      GpuLoss gpuLoss,
      CheckpointLines lines) {
    this.config = Objects.requireNonNull(config, "config");
    this.gpuLoss = Objects.requireNonNull(gpuLoss, "gpuLoss");
    this.lines = Objects.requireNonNull(lines, "lines");
    this.learners = config.beginning(learners);
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface demands
  public <T extends StreamOperator<StepMetrics>> T createStreamOperator(
      StreamOperatorParameters<StepMetrics> parameters) {
    return (T) new TrainingOperator(parameters, config, learners, gpuLoss, lines);
  }

  @Override
  @SuppressWarnings("rawtypes") // as the interface demands
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return TrainingOperator.class;
  }
}
