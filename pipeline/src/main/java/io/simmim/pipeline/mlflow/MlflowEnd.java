package io.simmim.pipeline.mlflow;

import io.simmim.pipeline.mlflow.MlflowRun.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the process that started a run tells MLflow when no task of the job can: how a run ended
 * that is not complete, and what a server has missed of one that is.
 */
public final class MlflowEnd {
  private static final Duration ANSWERING = Duration.ofSeconds(10);

  private final MlflowTarget target;
  private final Consumer<String> say;

  /**
   * @param say takes lines for people
   */
  public MlflowEnd(MlflowTarget target, Consumer<String> say) {
    this.target = target;
    this.say = say;
  }

  /** The run failed. */
  public void failed() {
    ended(Status.FAILED);
  }

  /** The run was stopped by its user, and may go on. */
  public void stopped() {
    ended(Status.KILLED);
  }

  /** An interrupt of the caller is kept. */
  private void ended(Status status) {
    try {
      Optional<ToldSoFar> before = MlflowRun.toldBefore(target);
      if (before.filter(told -> !told.run().isEmpty()).isPresent()) {
        run().end(status);
      }
    } catch (IOException e) {
      say.accept("MLflow %s".formatted(reason(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells all that a server does not know yet of a run that is complete. */
  public void catchUp() throws InterruptedException {
    try {
      boolean told =
          MlflowRun.toldBefore(target)
              .filter(before -> before.status().equals(Status.FINISHED.name()))
              .isPresent();
      if (!told) {
        MlflowRun run = run();
        run.tell(Long.MAX_VALUE);
        run.end(Status.FINISHED);
        say.accept("told MLflow of the run: " + run.page());
      }
    } catch (IOException e) {
      say.accept("MLflow %s".formatted(reason(e)));
    }
  }

  private MlflowRun run() {
    return new MlflowRun(target, new MlflowServer(target.server(), System.getenv(), ANSWERING));
  }

  private String reason(IOException failure) {
    return "at %s cannot be told of the run: %s"
        .formatted(target.server(), MlflowServer.reason(failure));
  }
}
