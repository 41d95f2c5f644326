package io.simmim.pipeline.rescale;

import io.simmim.pipeline.rescale.RunningJobs.Found;
import io.simmim.pipeline.rescale.RunningJobs.Job;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Watches a run and has it restarted with the number of decoders that its trainer needs. A run
 * continues exactly where it was at any parallelism, so a restart costs its time and nothing else.
 */
public final class Rescaler {
  /** How long a run may be away, as while it is restarted, before watching it ends. */
  private static final Duration LONGEST_AWAY = Duration.ofMinutes(15);

  private final RunningJobs jobs;
  private final Optional<String> output;
  private final ScalingRule rule;
  private final Pace pace;
  private final Optional<ScalingCommand> command;
  private final Consumer<String> say;

  /**
   * When to look.
   *
   * @param interval between two looks
   * @param window looks that a decision needs; they begin anew with each start of the job
   */
  public record Pace(Duration interval, int window) {
    public Pace {
      if (interval.isNegative() || interval.isZero()) {
        throw new IllegalArgumentException("--every must be above 0: " + interval);
      }
      if (window < 1) {
        throw new IllegalArgumentException("--window must be at least 1: " + window);
      }
    }
  }

  /**
   * @param output of the run; empty = the only one on the cluster
   * @param command restarts the run; without one it is only said what should be
   * @param say takes lines for people
   */
  public Rescaler(
      RunningJobs jobs,
      Optional<String> output,
      ScalingRule rule,
      Pace pace,
      Optional<ScalingCommand> command,
      Consumer<String> say) {
    this.jobs = jobs;
    this.output = output;
    this.rule = rule;
    this.pace = pace;
    this.command = command;
    this.say = say;
  }

  /**
   * Watches until the run has finished.
   *
   * @param once ends after the first decision
   * @throws UserError if there is no such run, or it stays away
   */
  public void watch(boolean once) throws InterruptedException {
    Deque<JobLoad> seen = new ArrayDeque<>();
    Optional<Job> watched = Optional.empty();
    Duration away = Duration.ZERO;
    String reason = "it is not among the jobs";
    while (true) {
      try {
        Found found = jobs.find(output);
        if (found instanceof Found.Finished finished) {
          say.accept("finished: " + finished.job().name());
          return;
        }
        if (found instanceof Found.Running running) {
          away = Duration.ZERO;
          if (!watched.equals(Optional.of(running.job()))) {
            watched = Optional.of(running.job());
            seen.clear();
            say.accept("watching %s (%s)".formatted(running.job().name(), running.job().id()));
          }
          if (look(running.job(), seen) && once) {
            return;
          }
        } else {
          seen.clear(); // it begins anew
        }
      } catch (IOException e) {
        reason = e.getMessage() == null ? "it does not answer" : e.getMessage();
        if (watched.isEmpty()) {
          throw new UserError("cannot ask the JobManager: " + reason, e);
        }
      }
      if (watched.isEmpty() || away.compareTo(LONGEST_AWAY) > 0) {
        throw new UserError("the run does not run: " + reason);
      }
      Thread.sleep(pace.interval().toMillis());
      away = away.plus(pace.interval());
    }
  }

  /**
   * Looks once.
   *
   * @return whether it was decided what should be
   */
  private boolean look(Job job, Deque<JobLoad> seen) throws IOException, InterruptedException {
    Optional<JobLoad> load = jobs.load(job);
    if (load.isEmpty()) {
      seen.clear();
      return false;
    }
    if (!seen.isEmpty() && seen.getFirst().decoders() != load.get().decoders()) {
      seen.clear();
    }
    seen.add(load.get());
    if (seen.size() < pace.window()) {
      return false;
    }
    ScalingRule.Decision decision = rule.decide(seen);
    int now = load.get().decoders();
    if (decision.decoders() == now) {
      say.accept(decision.reason());
      seen.removeFirst();
      return true;
    }
    say.accept("%s; %d would be right".formatted(decision.reason(), decision.decoders()));
    if (command.isPresent()) {
      say.accept(command.get().run(job, decision.decoders()));
    }
    seen.clear();
    return true;
  }
}
