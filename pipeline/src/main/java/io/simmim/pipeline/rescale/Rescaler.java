package io.simmim.pipeline.rescale;

import io.simmim.pipeline.rescale.RunningJobs.Found;
import io.simmim.pipeline.rescale.RunningJobs.Job;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.Amount;
import io.simmim.schemas.text.PrintableText;
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
        throw new IllegalArgumentException("--every must be above 0: " + Amount.of(interval));
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
    this.say = line -> say.accept(PrintableText.of(line)); // names of jobs are of others
  }

  /**
   * Watches until the run has finished. A run that the command has stopped, but not started again,
   * is given to the command until it runs.
   *
   * @param once ends after the first decision, when the command has done what it should
   * @throws UserError if there is no such run, or it stays away
   */
  public void watch(boolean once) throws InterruptedException {
    new Watch(once).toTheEnd();
  }

  /** What was seen so far. */
  private final class Watch {
    private final boolean once;
    private final Deque<JobLoad> seen = new ArrayDeque<>();
    private Optional<Job> watched = Optional.empty();
    private Optional<Attempt> failed = Optional.empty();
    private Duration away = Duration.ZERO;
    private String reason = "";

    /** The command that failed last. */
    private record Attempt(Job job, int decoders) {}

    Watch(boolean once) {
      this.once = once;
    }

    void toTheEnd() throws InterruptedException {
      while (true) {
        try {
          if (isOver(jobs.find(output.or(() -> watched.map(Job::output))))) {
            return;
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

    private boolean isOver(Found found) throws IOException, InterruptedException {
      if (found instanceof Found.Finished finished) {
        say.accept("finished: " + finished.job().name());
        return true;
      }
      if (found instanceof Found.Running running) {
        return isEnough(running.job());
      }
      seen.clear(); // it begins anew
      if (found instanceof Found.Stopped stopped) {
        reason = "it was stopped with the savepoint " + stopped.savepoint();
        Optional<Attempt> again = failed.filter(last -> last.job().equals(stopped.job()));
        return again.isPresent() && command(again.get(), Optional.of(stopped.savepoint())) && once;
      }
      reason = "it is not among the jobs that run";
      return false;
    }

    private boolean isEnough(Job job) throws IOException, InterruptedException {
      away = Duration.ZERO;
      if (once && failed.isPresent()) {
        return true; // it failed, and left the job as it was
      }
      if (!watched.equals(Optional.of(job))) {
        watched = Optional.of(job);
        seen.clear();
        say.accept("watching %s (%s)".formatted(job.name(), job.id()));
      }
      return look(job) && once;
    }

    /**
     * Looks once.
     *
     * @return whether it was decided what should be, and done
     */
    private boolean look(Job job) throws IOException, InterruptedException {
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
      seen.clear();
      return command(new Attempt(job, decision.decoders()), Optional.empty());
    }

    /**
     * Has the run restarted, if there is a command.
     *
     * @return whether nothing is left to do
     */
    private boolean command(Attempt attempt, Optional<String> savepoint)
        throws IOException, InterruptedException {
      if (command.isEmpty()) {
        return true;
      }
      ScalingCommand.Result result =
          command.get().run(attempt.job(), attempt.decoders(), savepoint);
      say.accept(result.line());
      failed = result.succeeded() ? Optional.empty() : Optional.of(attempt);
      return result.succeeded();
    }
  }
}
