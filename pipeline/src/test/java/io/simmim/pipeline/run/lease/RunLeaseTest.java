package io.simmim.pipeline.run.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseTaking.Claim;
import io.simmim.pipeline.run.lease.LeaseTaking.Holder;
import io.simmim.pipeline.sink.WriterLock;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunLeaseTest {
  private static final ProcessMark ELSEWHERE = new ProcessMark("another-boot pid:[1] 0", 17, 3);

  @TempDir private Path output;
  private RunFolder folder;
  private final List<String> said = new ArrayList<>();
  private final List<RunLease> taken = new ArrayList<>();

  @BeforeEach
  void openFolder() {
    folder = RunFolder.open("oss://" + output);
  }

  @AfterEach
  void giveBack() {
    BrittleFileSystem.heal();
    taken.forEach(RunLease::close);
  }

  /** Whichever store it is, and whatever a reader sees while it is written. */
  @ParameterizedTest
  @ValueSource(strings = {"oss", "hdfs", "file"})
  void twoCannotHaveIt(String scheme) throws IOException {
    folder = RunFolder.open(scheme + "://" + output);
    RunLease first = take(Leases.claim());

    assertThatThrownBy(() -> take(Leases.patientClaim()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "another run is writing to the output %s (stop it, choose another --output, or take it"
                + " over with --force): process %d on %s, which has used it since %s; if that was"
                + " killed, the output is free after 60 s",
            RunFolder.readable(folder.root()),
            ProcessHandle.current().pid(),
            LeaseRecord.thisHost(),
            read().since());
    assertThat(first.check()).succeedsWithin(Leases.PATIENCE);
    Awaitility.await().until(first::isHeld); // it may be writing it anew
  }

  @Test
  void oneWhoseProcessHasEndedIsTakenAtOnce() throws IOException {
    ProcessMark here = ProcessMark.ofThisProcess().orElseThrow();
    leave(new ProcessMark(here.place(), here.pid(), here.started() - 1));

    take(Leases.claim());

    assertThat(said).isEmpty();
  }

  /** A client that submits a job ends before it, and a JobManager before its tasks. */
  @Test
  void oneWhoseJobMayGoOnWithoutItsProcessIsWatched() throws IOException {
    ProcessMark here = ProcessMark.ofThisProcess().orElseThrow();
    leave(new ProcessMark(here.place(), here.pid(), here.started() - 1), false);

    take(Leases.claim());

    assertThat(said).singleElement().asString().contains("waiting up to 1 s for a sign of life");
  }

  @Test
  void theSystemsLockRefusesWhoeverHasWaitedInVain() throws IOException {
    folder = RunFolder.open(output.toString());
    leave(ELSEWHERE);
    try (WriterLock living = WriterLock.tryTake(folder.localLock().orElseThrow()).orElseThrow()) {
      assertThat(living).isNotNull();
      assertThatThrownBy(() -> take(Leases.claim()))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("another run is writing to the output");
    }
  }

  @Test
  void oneOfAnotherMachineIsTakenWhenItGivesNoSignOfLife() throws IOException {
    leave(ELSEWHERE);

    take(Leases.claim());

    assertThat(said)
        .singleElement()
        .asString()
        .isEqualTo(
            "the output oss:%s may be in use by process 17 on elsewhere, which has used it since"
                + " 2999-01-01T00:00:00Z; waiting up to 1 s for a sign of life",
            output);
  }

  /** In another container on this machine the number means nothing, but the lock does. */
  @Test
  void onALocalDiskTheSystemTellsThatAProcessElsewhereHasEnded() throws IOException {
    folder = RunFolder.open(output.toString());
    String boot = ProcessMark.ofThisProcess().orElseThrow().place().split(" ", -1)[0];
    leave(new ProcessMark(boot + " pid:[1] 0", 17, 3));

    take(Leases.claim());

    assertThat(said).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"format-version\":2}"})
  void whatCannotBeUnderstoodIsTakenAfterSilence(String content) throws IOException {
    Files.writeString(output.resolve("run.lock"), content);

    take(Leases.claim());

    assertThat(said).singleElement().asString().contains("a process on an unknown machine");
  }

  @Test
  void whoLosesItByForceIsToldAndDoesNotGiveItBack() throws IOException {
    List<UserError> told = new CopyOnWriteArrayList<>();
    RunLease first = take(Leases.claim());
    first.onLost(told::add);

    RunLease second = take(Leases.force(Holder.RUNS_THE_JOB));
    Awaitility.await().until(() -> !told.isEmpty());

    assertThat(told)
        .singleElement()
        .satisfies(
            error ->
                assertThat(error)
                    .hasMessage(
                        "the output oss:%s was taken over by %s: this run stops",
                        output, read().who()));
    assertThat(first.check())
        .failsWithin(Leases.PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCause(told.get(0));
    first.close();
    Awaitility.await().until(second::isHeld);
  }

  /** As where a client of storage gets no thread for a moment. */
  @Test
  void isRenewedAgainWhateverARenewalFailedWith() throws IOException {
    take(Leases.claim());
    BrittleFileSystem.failOnceWith(new OutOfMemoryError("unable to create native thread"));
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(BrittleFileSystem::hasFailed);
    long renewals = renewals();

    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> renewals() > renewals + 3);
  }

  @Test
  void whoeverAsksForItIsAnsweredWhateverTheLookFailedWith() {
    LeaseTimes seldom =
        new LeaseTimes(Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofMillis(20));
    Claim claim = Leases.claim();
    RunLease lease = take(new Claim(claim.owner(), claim.holder(), claim.takeover(), seldom));
    OutOfMemoryError failure = new OutOfMemoryError("unable to create native thread");
    BrittleFileSystem.failOnceWith(failure);

    assertThat(lease.check())
        .failsWithin(Leases.PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCause(failure);
  }

  /** By the file itself, while the next access of the file system fails. */
  private long renewals() throws IOException {
    return LeaseRecord.parse(Files.readString(output.resolve("run.lock"))).renewals();
  }

  @Test
  void theJobTakesItOnFromTheClient() throws IOException {
    Claim claim = Leases.claim(Holder.SUBMITS_THE_JOB, Takeover.IF_DEAD);
    RunLease client = take(claim);

    RunLease job = join(claim);

    Awaitility.await().atMost(Duration.ofMinutes(1)).until(job::isHeld);
    long renewals = read().renewals();
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> read().renewals() > renewals + 3);
    client.close();
    assertThat(read().free()).isFalse();
    Awaitility.await().until(job::isHeld);
    assertThat(job.check()).succeedsWithin(Leases.PATIENCE);
  }

  @Test
  void theJobKeepsItThoughTheClientWasStillWriting() throws IOException {
    Claim claim = Leases.claim(Holder.SUBMITS_THE_JOB, Takeover.IF_DEAD);
    RunLease client = take(claim);
    LeaseRecord ofTheClient = read();
    client.leave();
    RunLease job = join(claim);
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(job::isHeld);

    ofTheClient.write(folder.lock());

    Awaitility.await().atMost(Duration.ofMinutes(1)).until(job::isHeld);
  }

  @Test
  void whoWasSilentWhileAnotherHadItHasLostIt() throws IOException {
    RunLease silent = take(Leases.claim());
    BrittleFileSystem.failAfter(0, "no such bucket");
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> BrittleFileSystem.operations() > 3);
    new LeaseRecord(
            "other", "holder", 9, "elsewhere", Optional.empty(), false, false, Instant.EPOCH, true)
        .write(new org.apache.flink.core.fs.Path(output.resolve("run.lock").toUri()));
    BrittleFileSystem.heal();

    assertThat(silent.check())
        .failsWithin(Leases.PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("was taken over by");
  }

  @Test
  void aJobInTheProcessOfItsClientSharesIt() {
    Claim claim = Leases.claim();
    RunLease client = take(claim);

    assertThat(RunLease.shared(claim.owner())).containsSame(client);
    client.close();
    assertThat(RunLease.shared(claim.owner())).isEmpty();
  }

  @Test
  void aProgramThatIsStartedAgainForItsRunContinues() throws IOException {
    Claim claim = Leases.claim(Holder.SUBMITS_THE_JOB, Takeover.IF_DEAD);
    RunLease first = take(claim);
    Instant since = read().since();

    RunLease again = take(claim);

    assertThat(first.isContinued()).isFalse();
    assertThat(again.isContinued()).isTrue();
    assertThat(read().since()).isEqualTo(since);
    assertThat(said).isEmpty();
  }

  @Test
  void isNotLostWhenStorageFailsForAWhile() throws IOException {
    RunLease lease = take(Leases.claim());
    List<UserError> told = new CopyOnWriteArrayList<>();
    lease.onLost(told::add);
    BrittleFileSystem.failAfter(0, "no such bucket");
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> BrittleFileSystem.operations() > 3);
    assertThat(lease.check())
        .failsWithin(Leases.PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("no such bucket");
    BrittleFileSystem.heal();
    Files.deleteIfExists(output.resolve("run.lock"));

    Awaitility.await().atMost(Duration.ofMinutes(1)).until(lease::isHeld);

    assertThat(told).isEmpty();
  }

  @Test
  void storageThatFailsAtTheStartIsToldInOneLine() {
    BrittleFileSystem.failAfter(0, "no such bucket");

    assertThatThrownBy(() -> LeaseTaking.take(folder, Leases.claim(), said::add))
        .isInstanceOf(UserError.class)
        .hasMessage("cannot use the output oss:%s: no such bucket", output);
  }

  private RunLease take(Claim claim) {
    RunLease lease = LeaseTaking.take(folder, claim, said::add);
    taken.add(lease);
    return lease;
  }

  private RunLease join(Claim claim) {
    RunLease lease = RunLease.join(folder.lock(), claim.owner(), claim.times());
    taken.add(lease);
    return lease;
  }

  /** Leaves the lease of a run of which nothing more is heard. Clocks do not matter. */
  private void leave(ProcessMark process) throws IOException {
    leave(process, true);
  }

  private void leave(ProcessMark process, boolean runsThere) throws IOException {
    new LeaseRecord(
            "other",
            "holder",
            5,
            "elsewhere",
            Optional.of(process),
            runsThere,
            true,
            Instant.parse("2999-01-01T00:00:00Z"),
            false)
        .write(folder.lock());
  }

  /** Between two writes, which not every store makes at once. */
  private LeaseRecord read() {
    Path file = output.resolve("run.lock");
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .atMost(Duration.ofMinutes(1))
        .until(() -> LeaseRecord.parse(Files.readString(file)), record -> !record.isUnknown());
  }
}
