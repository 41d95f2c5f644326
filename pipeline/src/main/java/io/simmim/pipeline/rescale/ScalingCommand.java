package io.simmim.pipeline.rescale;

import io.simmim.pipeline.rescale.RunningJobs.Job;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A command of the user that restarts a run with another parallelism. It finds the job's id in
 * {@code SIMMIM_JOB} and the parallelism in {@code SIMMIM_PARALLELISM}. If it has stopped the job
 * with a savepoint and failed then, it is called again, and finds the savepoint in {@code
 * SIMMIM_SAVEPOINT}, which is empty otherwise.
 *
 * @param command for {@code sh -c}
 */
public record ScalingCommand(String command) {
  /**
   * How it ended.
   *
   * @param line that says so
   */
  record Result(boolean succeeded, String line) {}

  /**
   * Runs it to its end; what it prints goes where this process prints.
   *
   * @param savepoint with which the job was stopped before
   */
  Result run(Job job, int parallelism, Optional<String> savepoint)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).inheritIO();
    Map<String, String> environment = builder.environment();
    environment.put("SIMMIM_JOB", job.id());
    environment.put("SIMMIM_PARALLELISM", Integer.toString(parallelism));
    environment.put("SIMMIM_SAVEPOINT", savepoint.orElse(""));
    Process process = builder.start();
    try {
      int exitCode = process.waitFor();
      return exitCode == 0
          ? new Result(true, "restarted with %d".formatted(parallelism))
          : new Result(
              false,
              String.format(
                  Locale.ROOT,
                  "the command ended with exit code %d; the job is watched on",
                  exitCode));
    } finally {
      process.destroy();
    }
  }
}
