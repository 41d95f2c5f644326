package io.simmim.pipeline.mlflow;

import io.simmim.pipeline.report.ProgressReport;
import io.simmim.schemas.StepMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Tells MLflow of steps that a checkpoint holds: they are not taken again, so none is told twice
 * with two times. Emits nothing and has no state: what was told is noted in the output, and what is
 * to be told lies there.
 *
 * <ol>
 *   <li>Task thread, {@code processElement1}: notes the last step.
 *   <li>Task thread, {@code snapshotState}: notes which step the checkpoint holds.
 *   <li>Task thread, {@code notifyCheckpointComplete}: allows it and those before it, whose lines
 *       are durable now, to be told.
 *   <li>Thread of {@link Telling}: reads the lines and tells them.
 *   <li>Task thread, {@code close} after the last checkpoint of a complete run: waits a little
 *       until the rest is told. After anything else it waits for nothing.
 * </ol>
 */
final class MlflowOperator<B> extends AbstractStreamOperator<StepMetrics>
    implements TwoInputStreamOperator<StepMetrics, B, StepMetrics>, BoundedMultiInput {
  private static final int INPUTS = 2;
  private static final Duration ANSWERING = Duration.ofSeconds(30);

  /** A server that is away must not hold up the end of a run. */
  private static final Duration ENDING = Duration.ofSeconds(10);

  private final transient MlflowTarget target;
  private final transient ProgressReport.Target lines;

  /** Steps by the checkpoints that hold them. */
  private final transient TreeMap<Long, Long> held = new TreeMap<>();

  private transient Telling telling;
  private transient long lastStep;
  private transient int ended;

  /** The first checkpoint behind the end of the run; 0 if there is none yet. */
  private transient long lastCheckpoint;

  private transient boolean complete;

  MlflowOperator(
      StreamOperatorParameters<StepMetrics> parameters,
      MlflowTarget target,
      ProgressReport.Target lines) {
    super(parameters);
    this.target = target;
    this.lines = lines;
  }

  @Override
  public void open() throws Exception {
    super.open();
    MlflowRun run =
        new MlflowRun(target, new MlflowServer(target.server(), System.getenv(), ANSWERING));
    telling = new Telling(run, target.server().toString(), Telling.Pauses.DEFAULT, this::say);
    telling.start();
  }

  private void say(String line) {
    switch (lines) {
      case STANDARD_OUTPUT -> System.out.println(line);
      case LOG -> LOG.info("{}", line);
    }
  }

  @Override
  public void processElement1(StreamRecord<StepMetrics> step) {
    lastStep = step.getValue().step();
  }

  @Override
  public void processElement2(StreamRecord<B> element) {}

  @Override
  public void endInput(int input) {
    ended++;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    held.put(context.getCheckpointId(), lastStep);
    if (ended == INPUTS && lastCheckpoint == 0) {
      lastCheckpoint = context.getCheckpointId();
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    Map<Long, Long> through = held.headMap(checkpointId, true);
    through.values().forEach(telling::upTo);
    through.clear();
    complete |= lastCheckpoint > 0 && checkpointId >= lastCheckpoint;
  }

  @Override
  public void close() throws Exception {
    try {
      if (complete) {
        telling.finish(ENDING);
      }
    } finally {
      if (telling != null) {
        telling.close();
      }
      super.close();
    }
  }
}
