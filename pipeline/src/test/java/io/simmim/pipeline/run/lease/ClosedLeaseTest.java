package io.simmim.pipeline.run.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.sink.WriterLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClosedLeaseTest {
  private static final LeaseTimes ON_DEMAND =
      new LeaseTimes(Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofMillis(20));

  @TempDir private Path output;

  @Test
  void isGivenBack() throws IOException {
    RunFolder folder = RunFolder.open("oss://" + output);
    List<String> said = new ArrayList<>();
    RunLease lease = LeaseTaking.take(folder, Leases.claim(), said::add);
    assertThat(stored().process()).isEqualTo(ProcessMark.ofThisProcess());
    assertThat(stored().host()).isEqualTo(LeaseRecord.thisHost());

    lease.close();

    assertThat(stored().free()).isTrue();
    LeaseTaking.take(folder, Leases.claim(), said::add).close();
    assertThat(said).isEmpty();
  }

  /** Between two writes, which not every store makes at once. */
  private LeaseRecord stored() {
    Path file = output.resolve("run.lock");
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .until(() -> LeaseRecord.parse(Files.readString(file)), record -> !record.isUnknown());
  }

  /** Storage may be slow to answer, and whoever closes a lease does not wait for ever. */
  @Test
  void keepsItsLockUntilWhatItDoesHasCome() throws IOException {
    RunFolder folder = RunFolder.open(output.toString());
    RunLease lease =
        LeaseTaking.take(
            folder,
            new LeaseTaking.Claim(
                "own", LeaseTaking.Holder.RUNS_THE_JOB, Takeover.IF_DEAD, ON_DEMAND),
            line -> {});
    Semaphore busy = new Semaphore(0);
    Semaphore go = new Semaphore(0);
    lease.onLost(
        told -> {
          busy.release();
          go.acquireUninterruptibly();
        });
    new LeaseRecord(
            "another", "holder", 1, "host", Optional.empty(), false, false, Instant.EPOCH, false)
        .write(folder.lock());
    var looking = lease.check();
    busy.acquireUninterruptibly();

    Thread.currentThread().interrupt(); // ends the waiting at once
    lease.close();

    assertThat(Thread.interrupted()).isTrue();
    Path lock = folder.localLock().orElseThrow();
    assertThat(looking).isNotDone();
    assertThat(WriterLock.isTaken(lock)).isTrue();
    go.release();
    Awaitility.await().atMost(Leases.PATIENCE).until(() -> !WriterLock.isTaken(lock));
  }
}
