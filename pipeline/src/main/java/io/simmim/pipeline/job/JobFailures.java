package io.simmim.pipeline.job;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.ClusterClientFactory;
import org.apache.flink.client.deployment.ClusterDescriptor;
import org.apache.flink.client.deployment.ClusterRetrieveException;
import org.apache.flink.client.deployment.DefaultClusterClientServiceLoader;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.JobExceptionsHeaders;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.apache.flink.runtime.rest.messages.job.JobExceptionsMessageParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What made a job restart so far, as Flink's REST interface tells. */
final class JobFailures implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobFailures.class);

  private final RestClusterClient<?> client;
  private final JobID job;

  private JobFailures(RestClusterClient<?> client, JobID job) {
    this.client = client;
    this.job = job;
  }

  /**
   * Those of a job on the cluster that the settings lead to.
   *
   * @return empty where the cluster is not asked by REST
   */
  static Optional<JobFailures> of(Configuration settings, JobID job) {
    try {
      return client(
              new DefaultClusterClientServiceLoader().getClusterClientFactory(settings), settings)
          .map(client -> new JobFailures(client, job));
    } catch (ClusterRetrieveException | RuntimeException e) {
      LOG.debug("Flink's REST interface is not there; restarts will not be told", e);
      return Optional.empty();
    }
  }

  private static <T> Optional<RestClusterClient<T>> client(
      ClusterClientFactory<T> factory, Configuration settings) throws ClusterRetrieveException {
    try (ClusterDescriptor<T> descriptor = factory.createClusterDescriptor(settings)) {
      ClusterClient<T> client =
          descriptor.retrieve(factory.getClusterId(settings)).getClusterClient();
      if (client instanceof RestClusterClient<T> rest) {
        return Optional.of(rest);
      }
      client.close();
      return Optional.empty();
    }
  }

  /** The newest failures, in any order. */
  List<RootExceptionInfo> history() throws IOException, InterruptedException {
    JobExceptionsMessageParameters parameters =
        JobExceptionsHeaders.getInstance().getUnresolvedMessageParameters();
    parameters.jobPathParameter.resolve(job);
    try {
      return client
          .sendRequest(
              JobExceptionsHeaders.getInstance(), parameters, EmptyRequestBody.getInstance())
          .get()
          .getExceptionHistory()
          .getEntries();
    } catch (ExecutionException e) {
      throw new IOException("Flink's REST interface does not answer", e.getCause());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
