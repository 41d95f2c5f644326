package io.simmim.pipeline.run.lease;

import io.simmim.pipeline.run.folder.FreshOutput;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.sink.WriterLock;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one run to write to an output, on any file system: a file that whoever holds the
 * right writes again and again.
 *
 * <ol>
 *   <li>{@link LeaseTaking}, in the client: finds out that nobody else has it, and takes it.
 *   <li>{@link #join}, in the job: takes it on from the client, or from an earlier process of the
 *       same job. In a run within one process the two share it.
 *   <li>Thread {@code simmim-lease}: renews it. If it finds another run's, the right is lost: the
 *       listeners are told, and nothing is written any more. An earlier holder of the same run
 *       stops silently.
 *   <li>{@link #close}: the run has ended, and gives it back. {@link #leave}: it may go on
 *       elsewhere; if not, the lease is free after some silence.
 * </ol>
 *
 * <p>Times are counted by whoever waits: clocks of machines are not compared. Object stores have no
 * way to write only over what one has read, so two that take it within {@link LeaseTimes#settling}
 * are told apart by what stays; whoever is slower than that takes it from the other, which notices.
 */
public final class RunLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLease.class);

  /** As long as others would wait for a sign of life of a lease that was not given back. */
  private static final long CLOSE_SECONDS = 20;

  /** Those taken in this process for a job in it, by their owner. */
  private static final Map<String, RunLease> SHARED = new ConcurrentHashMap<>();

  private final Path file;
  private final String owner;
  private final String holder = UUID.randomUUID().toString();
  private final LeaseRecord first;
  private final boolean isContinued;
  private final LeaseTimes times;
  private final LeaseThread thread;
  private final List<Consumer<UserError>> listeners = new CopyOnWriteArrayList<>();
  private volatile UserError lost;
  private volatile Optional<FreshOutput> fresh = Optional.empty();

  // Of the thread, once it renews.
  private long renewals;
  private String predecessor = "";
  private boolean passedOn;
  private boolean failing;

  /**
   * A lease that is yet to be written.
   *
   * @param before what an earlier process of the same run has written
   * @param place where the run is, as seen from this process
   * @param lock of the operating system, for as long as this process has the lease
   */
  RunLease(
      Path file,
      String owner,
      Optional<LeaseRecord> before,
      LeaseTaking.Holder place,
      LeaseTimes times,
      Optional<WriterLock> lock) {
    this.file = file;
    this.owner = owner;
    this.first =
        new LeaseRecord(
            owner,
            holder,
            1,
            LeaseRecord.thisHost(),
            ProcessMark.ofThisProcess(),
            place == LeaseTaking.Holder.RUNS_THE_JOB,
            lock.isPresent(),
            before.map(LeaseRecord::since).orElseGet(Instant::now),
            false);
    this.isContinued = before.isPresent();
    this.times = times;
    this.thread = new LeaseThread(lock);
  }

  /** The lease that a client in this process has taken, if it is there. */
  public static Optional<RunLease> shared(String owner) {
    return Optional.ofNullable(SHARED.get(owner));
  }

  /** Takes on the lease of a run, in its job. */
  public static RunLease join(Path file, String owner, LeaseTimes times) {
    RunLease lease =
        new RunLease(
            file,
            owner,
            Optional.empty(),
            LeaseTaking.Holder.SUBMITS_THE_JOB,
            times,
            Optional.empty());
    lease.thread.execute(() -> lease.quietly(lease::takeOn));
    lease.renew();
    return lease;
  }

  public String owner() {
    return owner;
  }

  /** Whether the run had it before: its program was started again for it. */
  public boolean isContinued() {
    return isContinued;
  }

  public LeaseTimes times() {
    return times;
  }

  /** Renews from now on. */
  @SuppressWarnings("FutureReturnValueIgnored") // what fails is told by quietly()
  void renew() {
    long pause = times.renewal().toMillis();
    thread.scheduleWithFixedDelay(
        () -> quietly(this::renewOnce), pause, pause, TimeUnit.MILLISECONDS);
  }

  /** Lets {@link #withdraw} delete what a run has made. */
  public void began(Optional<FreshOutput> output) {
    fresh = output;
  }

  /** Lets the job in this process have it too. */
  void share() {
    SHARED.put(owner, this);
  }

  /** Writes it, whoever has it. */
  void write() throws IOException {
    first.withRenewals(renewals + 1).write(file);
    renewals++;
  }

  /** Whether it is this process that holds it, as the file says. */
  public boolean isHeld() throws IOException {
    return LeaseRecord.read(file).filter(found -> found.holder().equals(holder)).isPresent();
  }

  private void takeOn() throws IOException {
    Optional<LeaseRecord> found = LeaseRecord.read(file);
    if (isStillOurs(found)) {
      predecessor = found.map(LeaseRecord::holder).orElse("");
      write();
    }
  }

  private void renewOnce() throws IOException {
    if (lost != null || passedOn) {
      return;
    }
    Optional<LeaseRecord> found = LeaseRecord.read(file);
    if (!isStillOurs(found)) {
      return;
    }
    passedOn = renewals > 0 && found.filter(this::isOfSuccessor).isPresent();
    if (!passedOn) {
      write();
    }
    if (failing) {
      failing = false;
      LOG.info("{} is renewed again", file);
    }
  }

  /** A write of the predecessor's that was under way may come after ours. */
  private boolean isOfSuccessor(LeaseRecord found) {
    return !found.isUnknown()
        && !found.holder().equals(holder)
        && !found.holder().equals(predecessor);
  }

  /** Who finds nothing, or what cannot be understood, has not lost it. */
  private boolean isStillOurs(Optional<LeaseRecord> found) {
    Optional<LeaseRecord> other = found.filter(it -> !it.isUnknown() && !it.owner().equals(owner));
    if (other.isPresent() && lost == null) {
      lost =
          new UserError(
              "the output %s was taken over by %s: this run stops"
                  .formatted(RunFolder.readable(file.getParent()), other.get().who()));
      listeners.forEach(listener -> listener.accept(lost));
    }
    return lost == null;
  }

  /**
   * What storage refuses now it may allow the next time. So may the system: a client of storage may
   * get no thread. An exception would end the renewal, and nobody would hear of it.
   */
  private void quietly(StorageAction action) {
    try {
      action.run();
    } catch (IOException | RuntimeException | Error e) {
      if (!failing) {
        failing = true;
        LOG.warn("cannot renew {}, trying again: {}", file, e.toString());
      }
    }
  }

  /** Something that storage may refuse. */
  private interface StorageAction {
    void run() throws IOException;
  }

  /** Tells, at once or later, that another run has taken the output. */
  public void onLost(Consumer<UserError> listener) {
    listeners.add(listener);
    if (lost != null) {
      listener.accept(lost);
    }
  }

  public void forget(Consumer<UserError> listener) {
    listeners.remove(listener);
  }

  /**
   * Looks now, and waits for it.
   *
   * @throws UserError if the lease is another run's, or storage does not tell
   */
  public void require() {
    try {
      check().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UserError mistake
          ? mistake
          : new UserError(
              "cannot use the output %s: %s"
                  .formatted(
                      RunFolder.readable(file.getParent()), StorageFailure.reason(e.getCause())),
              e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted while looking at the output", e);
    }
  }

  /** Looks now. Completes with a {@link UserError} if the lease is another run's. */
  public CompletableFuture<Void> check() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    try {
      thread.execute(
          () -> {
            try {
              if (lost == null) {
                isStillOurs(LeaseRecord.read(file));
              }
              if (lost == null) {
                result.complete(null);
              } else {
                result.completeExceptionally(lost);
              }
            } catch (IOException | RuntimeException | Error e) {
              result.completeExceptionally(e); // somebody waits for it
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  /** Stops to renew it, and lets it lie. */
  public void leave() {
    end(() -> {});
  }

  /** Gives it back, unless somebody else has it by now. */
  @Override
  public void close() {
    end(() -> giveBack(Optional.empty()));
  }

  /** The same for a run that was refused before its job: if it began here, nothing of it stays. */
  public void withdraw() {
    Optional<FreshOutput> earlier = fresh.filter(FreshOutput::hasEarlierRun);
    try {
      earlier.ifPresent(this::moveBack);
    } finally {
      Optional<FreshOutput> begun = earlier.isPresent() ? Optional.empty() : fresh;
      end(() -> giveBack(begun));
    }
  }

  /** An object store may take minutes for it, in which others must see signs of life. */
  private void moveBack(FreshOutput output) {
    try {
      require();
      output.restore();
    } catch (IOException | RuntimeException e) {
      LOG.warn("what was begun in {} stays: {}", file.getParent(), e.toString());
    }
  }

  private void giveBack(Optional<FreshOutput> begun) throws IOException {
    boolean ours = lost == null && !passedOn && isHeld();
    if (ours && !(begun.isPresent() && begun.get().restore())) {
      first.withRenewals(renewals + 1).given().write(file);
    }
  }

  private synchronized void end(StorageAction last) {
    if (thread.isShutdown()) {
      return;
    }
    SHARED.remove(owner, this);
    thread.execute(() -> quietly(last));
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        thread.shutdownNow(); // storage does not answer
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.shutdownNow();
    }
  }
}
