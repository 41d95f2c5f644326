package io.simmim.pipeline.watch;

import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.evaluation.ModelFindingsSerializer;
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

  Watching(WatchConfig config) {
    this.config = Objects.requireNonNull(config, "config");
  }

  /** Adds the operator: what is found of copies of the model. */
  public static SingleOutputStreamOperator<ModelFindings> of(
      DataStream<ModelCopy> copies, WatchConfig config) {
    return copies
        .transform("pictures and evaluation", ModelFindingsSerializer.TYPE, new Watching(config))
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
    return (T) new WatchOperator(parameters, config);
  }

  @Override
  @SuppressWarnings("rawtypes") // as the interface demands
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return WatchOperator.class;
  }
}
