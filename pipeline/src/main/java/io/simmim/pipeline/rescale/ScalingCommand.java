package io.simmim.pipeline.rescale;

import io.simmim.pipeline.rescale.RunningJobs.Job;
import java.io.IOException;
import java.util.Locale;

/**
 * A command of the user that restarts a run with another parallelism. It finds the job's id in
 * {@code SIMMIM_JOB} and the parallelism in {@code SIMMIM_PARALLELISM}.
 *
 * @param command for {@code sh -c}
 */
public record ScalingCommand(String command) {
  /**
   * Runs it to its end; what it prints goes where this process prints.
   *
   * @return a line that says how it ended
   */
  String run(Job job, int parallelism) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).inheritIO();
    builder.environment().put("SIMMIM_JOB", job.id());
    builder.environment().put("SIMMIM_PARALLELISM", Integer.toString(parallelism));
    Process process = builder.start();
    try {
      int exitCode = process.waitFor();
      return exitCode == 0
          ? "restarted with %d".formatted(parallelism)
          : String.format(
              Locale.ROOT, "the command ended with exit code %d; the job is watched on", exitCode);
    } finally {
      process.destroy();
    }
  }
}
