package io.simmim.pipeline.job;

import io.simmim.pipeline.run.lease.LeaseTimes;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.operator.TrainingOperatorFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the trainer in its task, and on the JobManager what keeps the lease of the output. */
final class LeasedTrainer extends AbstractStreamOperatorFactory<StepMetrics>
    implements OneInputStreamOperatorFactory<TensorChunk, StepMetrics>,
        CoordinatedOperatorFactory<StepMetrics> {
  private static final long serialVersionUID = 1;

  private final TrainingOperatorFactory trainer;
  private final String file;
  private final String owner;
  private final LeaseTimes times;

  LeasedTrainer(TrainingOperatorFactory trainer, Path file, String owner, LeaseTimes times) {
    this.trainer = trainer;
    this.file = file.toString();
    this.owner = owner;
    this.times = times;
  }

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // as the interface demands
  public <T extends StreamOperator<StepMetrics>> T createStreamOperator(
      StreamOperatorParameters<StepMetrics> parameters) {
    return trainer.createStreamOperator(parameters);
  }

  @Override
  @SuppressWarnings("rawtypes") // as the interface demands
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return trainer.getStreamOperatorClass(classLoader);
  }

  @Override
  public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID operator) {
    return new LeaseCoordinator.Provider(operator, new Path(file), owner, times);
  }
}
