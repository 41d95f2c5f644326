package io.simmim.pipeline.watch;

import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.evaluation.ModelFindingsSerializer;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.util.Objects;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SideOutputDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the {@link WatchOperator} in its task. */
public final class Watching extends AbstractStreamOperatorFactory<ModelFindings>
    implements OneInputStreamOperatorFactory<ModelCopy, ModelFindings> {
  private static final long serialVersionUID = 1;

  private final WatchConfig config;
  private final GpuLoss gpuLoss;

  Watching(WatchConfig config, GpuLoss gpuLoss) {
    this.config = Objects.requireNonNull(config, "config");
    this.gpuLoss = Objects.requireNonNull(gpuLoss, "gpuLoss");
  }

  /**
   * Adds the operator: what is found of copies of the model.
   *
   * @param gpuLoss what ends when the process cannot use its GPU any more
   */
  public static SingleOutputStreamOperator<ModelFindings> of(
      DataStream<ModelCopy> copies, WatchConfig config, GpuLoss gpuLoss) {
    return copies
        .transform(
            "pictures and evaluation", ModelFindingsSerializer.TYPE, new Watching(config, gpuLoss))
        .uid("watching")
        .setParallelism(1)
        .setMaxParallelism(1);
  }

  /** Those findings that have a measurement of the features. */
  public static SideOutputDataStream<ModelFindings> measured(
      SingleOutputStreamOperator<ModelFindings> findings) {
    return findings.getSideOutput(WatchOperator.MEASURED);
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface demands
  public <T extends StreamOperator<ModelFindings>> T createStreamOperator(
      StreamOperatorParameters<ModelFindings> parameters) {
    return (T) new WatchOperator(parameters, config, gpuLoss);
  }

  @Override
  @SuppressWarnings("rawtypes") // as the interface demands
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return WatchOperator.class;
  }
}
