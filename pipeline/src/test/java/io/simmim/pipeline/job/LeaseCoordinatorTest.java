package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseRecord;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.LeaseTaking.Claim;
import io.simmim.pipeline.run.lease.LeaseTaking.Holder;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.schemas.UserError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.groups.OperatorCoordinatorMetricGroup;
import org.apache.flink.runtime.checkpoint.CheckpointCoordinator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinatorStore;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseCoordinatorTest {
  private static final OperatorID TRAINER = new OperatorID(1, 2);

  @TempDir private Path output;
  private final Claim claim = Leases.claim(Holder.SUBMITS_THE_JOB, Takeover.IF_DEAD);
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private RunFolder folder;
  private OperatorCoordinator coordinator;

  @BeforeEach
  void submit() throws Exception {
    folder = RunFolder.open("oss://" + output);
    LeaseTaking.take(folder, claim, line -> {}).leave();
    coordinator =
        new LeaseCoordinator.Provider(TRAINER, folder.lock(), claim.owner(), claim.times())
            .create(new JobContext());
    coordinator.start();
  }

  @AfterEach
  void close() throws Exception {
    coordinator.close();
  }

  @Test
  void completesCheckpointsOfAJobThatHasTheLease() throws Exception {
    assertThat(checkpoint(1)).succeedsWithin(Leases.PATIENCE).isEqualTo(new byte[0]);
    assertThat(failures).isEmpty();
  }

  @Test
  void completesNoneAndEndsTheJobWhenTheLeaseIsLost() throws Exception {
    RunLease other = LeaseTaking.take(folder, Leases.force(Holder.SUBMITS_THE_JOB), line -> {});

    assertThat(checkpoint(2))
        .failsWithin(Leases.PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(UserError.class)
        .withMessageContaining("was taken over by");
    assertThat(failures)
        .singleElement()
        .satisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(SuppressRestartsException.class)
                    .hasCauseInstanceOf(UserError.class));
    coordinator.close();
    Awaitility.await().until(other::isHeld); // it may be writing it anew
    other.close();
  }

  @Test
  void givesTheLeaseBackWhenTheTasksHaveFinished() throws Exception {
    coordinator.executionAttemptFailed(0, 0, null);
    coordinator.executionAttemptReady(0, 1, null);
    assertThat(checkpoint(1)).succeedsWithin(Leases.PATIENCE);

    coordinator.close();

    assertThat(LeaseRecord.read(folder.lock()).orElseThrow().free()).isTrue();
  }

  /** A job that fails for good may have been the one that somebody starts again. */
  @Test
  void letsTheLeaseLieWhenTasksHaveFailed() throws Exception {
    assertThat(checkpoint(1)).succeedsWithin(Leases.PATIENCE);
    coordinator.executionAttemptFailed(0, 0, null);

    coordinator.close();

    assertThat(LeaseRecord.read(folder.lock()).orElseThrow().free()).isFalse();
    OperatorCoordinator next =
        new LeaseCoordinator.Provider(TRAINER, folder.lock(), claim.owner(), claim.times())
            .create(new JobContext());
    next.start();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(LeaseRecord.read(folder.lock()))
                    .hasValueSatisfying(found -> assertThat(found.renewals()).isGreaterThan(2)));
    next.close();
    assertThat(LeaseRecord.read(folder.lock()).orElseThrow().free()).isTrue();
  }

  private CompletableFuture<byte[]> checkpoint(long id) throws Exception {
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    coordinator.checkpointCoordinator(id, result);
    return result;
  }

  private final class JobContext implements OperatorCoordinator.Context {
    @Override
    public JobID getJobID() {
      throw new UnsupportedOperationException();
    }

    @Override
    public OperatorID getOperatorId() {
      return TRAINER;
    }

    @Override
    public OperatorCoordinatorMetricGroup metricGroup() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void failJob(Throwable cause) {
      failures.add(cause);
    }

    @Override
    public int currentParallelism() {
      return 1;
    }

    @Override
    public ClassLoader getUserCodeClassloader() {
      return getClass().getClassLoader();
    }

    @Override
    public CoordinatorStore getCoordinatorStore() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isConcurrentExecutionAttemptsSupported() {
      return false;
    }

    @Override
    public CheckpointCoordinator getCheckpointCoordinator() {
      return null;
    }
  }
}
