package io.simmim.pipeline.run.lease;

import io.simmim.pipeline.run.folder.FreshOutput;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.sink.WriterLock;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * Takes the {@link RunLease} of an output in the client, before anything in it is touched.
 *
 * <ul>
 *   <li>Nobody has it, or a process of which it is certain that it has ended: at once.
 *   <li>Somebody may have it: waits for a sign of life. If there is one, the output is refused,
 *       else it is taken after some silence.
 *   <li>The user says that it shall be taken: takes it, and waits until the other has noticed.
 * </ul>
 */
public final class LeaseTaking {
  /** Who takes it, and how. */
  public record Claim(String owner, Holder holder, Takeover takeover, LeaseTimes times) {}

  /** What the process that takes it does. */
  public enum Holder {
    /** The run ends with it. */
    RUNS_THE_JOB,
    /** The job goes on without it, and takes the lease on. */
    SUBMITS_THE_JOB
  }

  private final RunFolder folder;
  private final Path file;
  private final Claim claim;
  private final Consumer<String> say;

  private LeaseTaking(RunFolder folder, Claim claim, Consumer<String> say) {
    this.folder = folder;
    this.file = folder.lock();
    this.claim = claim;
    this.say = say;
  }

  /**
   * Takes the lease.
   *
   * @param say takes lines for people
   * @throws UserError if another run has it
   */
  public static RunLease take(RunFolder folder, Claim claim, Consumer<String> say) {
    try {
      return new LeaseTaking(folder, claim, say).take();
    } catch (IOException e) {
      throw new UserError(
          "cannot use the output %s: %s"
              .formatted(RunFolder.readable(folder.root()), StorageFailure.reason(e)),
          e);
    }
  }

  private RunLease take() throws IOException {
    Optional<LeaseRecord> found = LeaseRecord.read(file).filter(it -> !it.free());
    Optional<LeaseRecord> other = found.filter(it -> !it.owner().equals(claim.owner()));
    boolean living = other.isPresent() && !isGone(other.get());
    if (living && claim.takeover() == Takeover.IF_DEAD) {
      awaitSilence(other.get());
    }
    Optional<WriterLock> lock = lock(living);
    Optional<LeaseRecord> own = other.isPresent() ? Optional.empty() : found;
    RunLease lease = new RunLease(file, claim.owner(), own, claim.holder(), claim.times(), lock);
    try {
      lease.write();
      if (living && claim.takeover() == Takeover.BY_FORCE) {
        force(lease, other.get());
      } else if (lock.isEmpty()) {
        pause(claim.times().settling());
      }
      confirm(lease);
      lease.began(FreshOutput.of(folder));
    } catch (IOException | RuntimeException e) {
      lease.leave();
      throw e;
    }
    if (claim.holder() == Holder.RUNS_THE_JOB) {
      lease.share();
    }
    lease.renew();
    return lease;
  }

  /**
   * Whether it is certain that the run has ended. The lock of the operating system tells it of
   * processes in other containers.
   *
   * @throws UserError if it is certain that it has not, and its run ends with it
   */
  private boolean isGone(LeaseRecord other) throws IOException {
    ProcessMark.Life life =
        other.process().map(ProcessMark::life).orElse(ProcessMark.Life.ON_ANOTHER_MACHINE);
    boolean running = life == ProcessMark.Life.RUNNING;
    if (life == ProcessMark.Life.ELSEWHERE_ON_THIS_MACHINE && other.locked()) {
      Optional<java.nio.file.Path> lock = folder.localLock();
      running = lock.isPresent() && WriterLock.isTaken(lock.get());
      life = running ? life : ProcessMark.Life.ENDED;
    }
    if (running && other.locked() && claim.takeover() == Takeover.IF_DEAD) {
      throw refused(other);
    }
    return other.runsThere() && life == ProcessMark.Life.ENDED;
  }

  private Optional<WriterLock> lock(boolean taken) throws IOException {
    if (claim.holder() != Holder.RUNS_THE_JOB || folder.localLock().isEmpty()) {
      return Optional.empty();
    }
    Optional<WriterLock> lock = WriterLock.tryTake(folder.localLock().get());
    if (lock.isEmpty() && (!taken || claim.takeover() == Takeover.IF_DEAD)) {
      throw refused(LeaseRecord.read(file).orElse(LeaseRecord.unknown("")));
    }
    return lock;
  }

  private void awaitSilence(LeaseRecord other) throws IOException {
    Duration silence = claim.times().silence();
    say.accept(
        "the output %s may be in use by %s; waiting up to %d s for a sign of life"
            .formatted(RunFolder.readable(folder.root()), other.who(), silence.toSeconds()));
    LeaseRecord seen = other;
    long end = System.nanoTime() + silence.toNanos();
    while (System.nanoTime() - end < 0) {
      pause(Duration.ofMillis(Math.max(1, Math.min(500, silence.toMillis() / 10))));
      Optional<LeaseRecord> now = LeaseRecord.read(file);
      if (now.isEmpty() || now.get().free() || isGone(now.get())) {
        return;
      }
      if (!now.get().equals(seen) && !now.get().isUnknown()) {
        throw refused(now.get());
      }
      seen = now.get();
    }
  }

  /** Of two that took it at the same time, one is left. */
  private void confirm(RunLease lease) throws IOException {
    if (lease.isHeld()) {
      return;
    }
    LeaseRecord other = LeaseRecord.read(file).orElse(LeaseRecord.unknown(""));
    if (!other.owner().equals(claim.owner())) {
      throw refused(other);
    }
    lease.write(); // over a renewal of an earlier process of the same run
  }

  /** A renewal that the other had begun may come after ours. */
  private void force(RunLease lease, LeaseRecord other) throws IOException {
    say.accept(
        "taking the output %s over from %s; waiting %d s until it has noticed"
            .formatted(
                RunFolder.readable(folder.root()),
                other.who(),
                claim.times().notice().toSeconds()));
    pause(claim.times().settling());
    if (!lease.isHeld()) {
      lease.write();
    }
    pause(claim.times().notice());
  }

  private UserError refused(LeaseRecord other) {
    return new UserError(
        ("another run is writing to the output %s (stop it, choose another --output, or take it over"
                + " with --force): %s; if that was killed, the output is free after %d s")
            .formatted(
                RunFolder.readable(folder.root()),
                other.who(),
                claim.times().silence().toSeconds()));
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted while waiting for the output", e);
    }
  }
}
