package io.simmim.pipeline.mlflow;

import io.simmim.schemas.thread.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a server of a run while it goes on, on a thread of its own, so that nothing else waits for
 * it. A server that cannot be told is asked again, less and less often, and people hear of it once.
 * One that refuses is left alone.
 */
final class Telling implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Telling.class);

  /**
   * How long is waited before a server is asked again.
   *
   * @param first after the first failure; twice as long after each other one
   * @param longest at most
   */
  record Pauses(Duration first, Duration longest) {
    static final Pauses DEFAULT = new Pauses(Duration.ofSeconds(1), Duration.ofMinutes(1));

    Duration after(Duration pause) {
      Duration twice = pause.multipliedBy(2);
      return twice.compareTo(longest) > 0 ? longest : twice;
    }
  }

  /** What an interrupted call still does takes less; nothing else is to wait for longer. */
  private static final Duration LEAVING = Duration.ofSeconds(5);

  private final MlflowRun run;
  private final String server;
  private final Pauses pauses;
  private final Consumer<String> say;
  private final Thread thread = new Thread(this::work, "simmim-mlflow");

  /** The last step that may be told; guarded by this. */
  private long limit;

  /** Whether there is no other; guarded by this. */
  private boolean ending;

  /** Whether nothing more is to be told; guarded by this. */
  private boolean closed;

  /** Whether all was told; guarded by this. */
  private boolean complete;

  /** Whether people were told where the run is; of the thread. */
  private boolean opened;

  /** Whether people were told that the server is away; of the thread. */
  private boolean away;

  /**
   * @param server as people know it
   * @param say takes lines for people
   */
  Telling(MlflowRun run, String server, Pauses pauses, Consumer<String> say) {
    this.run = run;
    this.server = server;
    this.pauses = pauses;
    this.say = say;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Allows to tell of a step and those before it: they are not taken again. Never waits. */
  synchronized void upTo(long step) {
    limit = Math.max(limit, step);
    notifyAll();
  }

  /** Says that the run is complete, and waits until that is told, or for so long. */
  void finish(Duration longest) throws InterruptedException {
    synchronized (this) {
      ending = true;
      notifyAll();
    }
    thread.join(longest.toMillis());
    synchronized (this) {
      if (!complete) {
        say.accept(
            "MLflow at %s was not told all of the run; the same command tells the rest"
                .formatted(server));
      }
    }
  }

  private void work() {
    try {
      run();
    } catch (InterruptedException e) {
      LOG.debug("the task ends: what was not told is told when the run goes on");
    } catch (RuntimeException | Error e) { // nobody else is to suffer from it
      LOG.error("MLflow is not told of the run any more", e);
    }
  }

  private void run() throws InterruptedException {
    long told = -1;
    Duration pause = pauses.first();
    while (true) {
      long wanted;
      boolean last;
      synchronized (this) {
        while (limit <= told && !ending && !closed) {
          wait();
        }
        if (closed) {
          return;
        }
        last = ending;
        wanted = last ? Long.MAX_VALUE : limit; // a task that only ends has allowed none
      }
      try {
        tell(wanted, last);
        told = wanted;
        pause = pauses.first();
      } catch (MlflowRefusal refusal) {
        if (refusal.isFinal()) {
          say.accept(
              "MLflow at %s refuses what it is told after step %d: %s"
                  .formatted(server, run.lastStep(), refusal.getMessage()));
          return;
        }
        failed(refusal);
        rest(pause);
        pause = pauses.after(pause);
      } catch (IOException e) {
        failed(e);
        rest(pause);
        pause = pauses.after(pause);
      }
      if (last) {
        return;
      }
    }
  }

  private void tell(long wanted, boolean last) throws IOException, InterruptedException {
    run.open();
    if (!opened) {
      opened = true;
      say.accept("MLflow: " + run.page());
    }
    run.tell(wanted);
    if (last) {
      run.end(MlflowRun.Status.FINISHED);
      synchronized (this) {
        complete = true;
      }
    }
    if (away) {
      away = false;
      say.accept("MLflow at %s is told again".formatted(server));
    }
  }

  private void failed(IOException failure) {
    LOG.debug("cannot tell MLflow", failure);
    if (!away) {
      away = true;
      say.accept(
          "MLflow at %s cannot be told of the run: %s; training goes on, and it is told later"
              .formatted(server, MlflowServer.reason(failure)));
    }
  }

  /** The end of the run is no reason to wait for longer. */
  private synchronized void rest(Duration pause) throws InterruptedException {
    long end = System.nanoTime() + pause.toNanos();
    while (!ending && end - System.nanoTime() > 0) {
      wait(Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
    }
  }

  /**
   * Ends it, or leaves it to itself where it does not heed that: the job is not to hang with it.
   */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    if (!Threads.end(thread, LEAVING)) {
      LOG.warn("what tells MLflow at {} of the run does not end; it is left behind", server);
    }
  }
}
