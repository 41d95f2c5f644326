package io.simmim.pipeline.watch;

import io.simmim.operators.image.ThreadPriority;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import io.simmim.schemas.evaluation.ModelCopySerializer;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.evaluation.ModelFindingsSerializer;
import io.simmim.schemas.thread.Threads;
import io.simmim.trainer.operator.failure.GpuFailures;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.FlinkException;
import org.apache.flink.util.OutputTag;

/**
 * Looks at copies of the model, and emits what it finds of each, once, in the order of the steps.
 * Parallelism 1, on any TaskManager.
 *
 * <ol>
 *   <li>Task thread, {@code processElement}: notes a copy that is due; hands it over when it is
 *       written, or could not be. Never waits, so barriers pass.
 *   <li>Watching thread, of low priority, {@link Watcher}: draws and measures, writes what it
 *       found, deletes the copy, and sends a mail.
 *   <li>Task thread, mail: forgets the copy and emits what was found.
 *   <li>Task thread, {@code snapshotState}: copies of which nothing was emitted. A checkpoint that
 *       knows of a copy does not complete before that is written: so of those that come back each
 *       is there, or what was found of it, or it could not be written.
 *   <li>Task thread, {@code endInput}: waits until nothing is left.
 * </ol>
 */
final class WatchOperator extends AbstractStreamOperator<ModelFindings>
    implements OneInputStreamOperator<ModelCopy, ModelFindings>, BoundedOneInput {
  /** Those of findings that have a measurement of the features. */
  static final OutputTag<ModelFindings> MEASURED =
      new OutputTag<>("measured", ModelFindingsSerializer.TYPE);

  private final transient MailboxExecutor mailbox;
  private final transient Watcher watcher;
  private final transient LinkedBlockingQueue<ModelCopy> ready = new LinkedBlockingQueue<>();

  /** By their steps. */
  private final transient Map<Long, ModelCopy> pending = new TreeMap<>();

  private transient ListState<ModelCopy> state;
  private transient Thread thread;

  WatchOperator(
      StreamOperatorParameters<ModelFindings> parameters, WatchConfig config, GpuLoss gpuLoss) {
    super(parameters);
    mailbox = parameters.getMailboxExecutor();
    watcher = new Watcher(config, new GpuFailures(gpuLoss));
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("pending", ModelCopySerializer.INSTANCE));
    for (ModelCopy copy : state.get()) {
      // Nobody tells any more what became of one that was being written: storage does.
      pending.put(copy.step(), copy.stage() == Stage.FAILED ? copy : copy.at(Stage.WRITTEN));
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    ready.addAll(pending.values());
    thread = new Thread(this::watch, "simmim-watching");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void processElement(StreamRecord<ModelCopy> element) {
    ModelCopy copy = element.getValue();
    pending.put(copy.step(), copy);
    if (copy.stage() != Stage.DUE) {
      ready.add(copy);
    }
  }

  private void watch() {
    try {
      ThreadPriority.yieldToOthers();
      while (true) {
        ModelFindings findings = watcher.find(ready.take());
        mailbox.execute(() -> found(findings), "findings of step %d", findings.step());
      }
    } catch (InterruptedException | RejectedExecutionException e) {
      LOG.debug("the task ends: what was not emitted comes back with its state");
    } catch (Throwable t) { // the task must not wait for findings that will not come
      tell(t);
    }
  }

  private void tell(Throwable failure) {
    try {
      mailbox.execute(
          () -> {
            ExceptionUtils.rethrowIfFatalError(failure); // it would not be known in a cause
            throw new FlinkException("the watching thread failed", failure);
          },
          "failure of the watching thread");
    } catch (RejectedExecutionException e) {
      LOG.debug("failed while the task ended", failure);
    }
  }

  private void found(ModelFindings findings) {
    pending.remove(findings.step());
    output.collect(new StreamRecord<>(findings));
    if (findings.quality().isPresent()) {
      output.collect(MEASURED, new StreamRecord<>(findings));
    }
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.update(new ArrayList<>(pending.values()));
  }

  @Override
  public void endInput() throws Exception {
    while (!pending.isEmpty()) {
      mailbox.yield();
    }
  }

  @Override
  public void close() throws Exception {
    watcher.close();
    if (thread != null) {
      Threads.end(thread);
    }
    super.close();
  }
}
