package io.simmim.pipeline.job;

import io.simmim.pipeline.job.told.RestInterface;
import io.simmim.pipeline.job.told.RestartWatch;
import io.simmim.pipeline.run.folder.RunFolder;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.JobListener;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job on a cluster, as its client sees it. */
final class ClusterJob {
  private ClusterJob() {}

  /**
   * Submits the job and waits for its end, unless Flink was told not to; says meanwhile what fails,
   * and what is waited for.
   *
   * @param folder its output
   */
  static JobExecutionResult execute(
      StreamExecutionEnvironment env, String name, RunFolder folder, Consumer<String> say)
      throws Exception {
    AtomicReference<RestartWatch> watch = new AtomicReference<>();
    env.registerJobListener(
        new JobListener() {
          @Override
          public void onJobSubmitted(JobClient client, Throwable failure) {
            if (client != null && env.getConfiguration().get(DeploymentOptions.ATTACHED)) {
              Configuration cluster = Configuration.fromMap(env.getConfiguration().toMap());
              watch.set(
                  new RestartWatch(
                          RestInterface.of(cluster), client.getJobID(), env.getConfiguration(), say)
                      .start());
            }
          }

          @Override
          public void onJobExecuted(JobExecutionResult result, Throwable failure) {}
        });
    try {
      return env.execute(name);
    } catch (Exception e) {
      throw RunLines.ifCancelled(e, folder);
    } finally {
      if (watch.get() != null) {
        watch.get().close();
      }
    }
  }
}
