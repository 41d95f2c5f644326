package io.simmim.pipeline.mlflow;

import io.simmim.pipeline.report.ProgressReport;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.StepMetricsSerializer;
import java.util.Objects;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;

/** Makes the {@link MlflowOperator} in its task. */
public final class TellMlflow<B> extends AbstractStreamOperatorFactory<StepMetrics>
    implements TwoInputStreamOperatorFactory<StepMetrics, B, StepMetrics> {
  private static final long serialVersionUID = 1;

  private final MlflowTarget target;
  private final ProgressReport.Target lines;

  private TellMlflow(MlflowTarget target, ProgressReport.Target lines) {
    this.target = Objects.requireNonNull(target, "target");
    this.lines = Objects.requireNonNull(lines, "lines");
  }

  /**
   * Adds the operator.
   *
   * @param beside what also leads to lines that are told; the run is not over before it is
   * @param lines where people are told of the server
   */
  public static <B> SingleOutputStreamOperator<StepMetrics> of(
      DataStream<StepMetrics> steps,
      DataStream<B> beside,
      MlflowTarget target,
      ProgressReport.Target lines) {
    return steps
        .connect(beside)
        .transform("MLflow", StepMetricsSerializer.TYPE, new TellMlflow<B>(target, lines))
        .uid("mlflow")
        .setParallelism(1)
        .setMaxParallelism(1);
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface demands
  public <T extends StreamOperator<StepMetrics>> T createStreamOperator(
      StreamOperatorParameters<StepMetrics> parameters) {
    return (T) new MlflowOperator<B>(parameters, target, lines);
  }

  @Override
  @SuppressWarnings("rawtypes") // as the interface demands
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return MlflowOperator.class;
  }
}
