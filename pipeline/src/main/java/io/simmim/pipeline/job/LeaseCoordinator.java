package io.simmim.pipeline.job;

import io.simmim.pipeline.run.lease.LeaseTimes;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.schemas.UserError;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.util.concurrent.FutureUtils;

/**
 * Keeps the {@link RunLease} of an output for as long as the job is alive. It is on the JobManager,
 * since that is what lives as long as the job. The default scheduler keeps it while tasks restart
 * or wait for slots; the adaptive one has none while it waits for slots, and a run that takes the
 * output meanwhile wins.
 *
 * <p>Each checkpoint begins with a look at the lease. So a job that has lost it completes none,
 * which is what deletes older ones, and its sinks on object storage, which write at checkpoints
 * only, write nothing.
 */
final class LeaseCoordinator implements OperatorCoordinator {
  private static final byte[] NO_STATE = {};

  private final Context context;
  private final Path file;
  private final String owner;
  private final LeaseTimes times;
  private final Consumer<UserError> onLost = this::stop;
  private RunLease lease;
  private boolean sharesIt;
  private boolean interrupted;

  private LeaseCoordinator(Context context, Provider provider) {
    this.context = context;
    this.file = new Path(provider.file);
    this.owner = provider.owner;
    this.times = provider.times;
  }

  /** Travels with the job graph. */
  static final class Provider implements OperatorCoordinator.Provider {
    private static final long serialVersionUID = 1;

    private final OperatorID operator;
    private final String file;
    private final String owner;
    private final LeaseTimes times;

    Provider(OperatorID operator, Path file, String owner, LeaseTimes times) {
      this.operator = operator;
      this.file = file.toString();
      this.owner = owner;
      this.times = times;
    }

    @Override
    public OperatorID getOperatorId() {
      return operator;
    }

    @Override
    public OperatorCoordinator create(Context context) {
      return new LeaseCoordinator(context, this);
    }
  }

  @Override
  public void start() {
    Optional<RunLease> shared = RunLease.shared(owner);
    sharesIt = shared.isPresent();
    lease = shared.orElseGet(() -> RunLease.join(file, owner, times));
    lease.onLost(onLost);
  }

  private void stop(UserError reason) {
    context.failJob(new SuppressRestartsException(reason));
  }

  @Override
  public void checkpointCoordinator(long checkpointId, CompletableFuture<byte[]> result) {
    FutureUtils.forward(lease.check().thenApply(held -> NO_STATE), result);
  }

  /**
   * Flink's adaptive scheduler closes coordinators at each restart of the tasks as well, so the
   * lease is given back only where the tasks came to their end. Else it is free after some silence.
   */
  @Override
  public void close() {
    if (lease == null) {
      return;
    }
    lease.forget(onLost);
    if (sharesIt) {
      return;
    }
    if (interrupted) {
      lease.leave();
    } else {
      lease.close();
    }
  }

  @Override
  public void executionAttemptFailed(int subtask, int attempt, Throwable reason) {
    interrupted = true;
  }

  @Override
  public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {
    interrupted = false;
  }

  @Override
  public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
    throw new IllegalStateException("the trainer sends no events: " + event);
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {}

  @Override
  public void resetToCheckpoint(long checkpointId, byte[] state) {}

  @Override
  public void subtaskReset(int subtask, long checkpointId) {}
}
