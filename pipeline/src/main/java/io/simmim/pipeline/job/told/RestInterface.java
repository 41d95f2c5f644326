package io.simmim.pipeline.job.told;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.ClusterClientFactory;
import org.apache.flink.client.deployment.ClusterDescriptor;
import org.apache.flink.client.deployment.ClusterRetrieveException;
import org.apache.flink.client.deployment.DefaultClusterClientServiceLoader;
import org.apache.flink.client.program.ClusterClient;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.messages.webmonitor.ClusterOverview;
import org.apache.flink.runtime.rest.messages.ClusterConfigurationInfoHeaders;
import org.apache.flink.runtime.rest.messages.ConfigurationInfoEntry;
import org.apache.flink.runtime.rest.messages.EmptyMessageParameters;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.JobExceptionsHeaders;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.JobExceptionsMessageParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the REST interface of a cluster tells. */
public final class RestInterface implements RestartWatch.Cluster, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RestInterface.class);

  /** A cluster that does not answer is told when the job is submitted. */
  private static final int CONFIGURATION_SECONDS = 10;

  private final RestClusterClient<?> client;

  private RestInterface(RestClusterClient<?> client) {
    this.client = client;
  }

  /**
   * That of the cluster that the settings lead to.
   *
   * @return empty where the cluster is not asked by REST
   */
  public static Optional<RestInterface> of(Configuration settings) {
    try {
      return client(
              new DefaultClusterClientServiceLoader().getClusterClientFactory(settings), settings)
          .map(RestInterface::new);
    } catch (ClusterRetrieveException | RuntimeException e) {
      LOG.debug("Flink's REST interface is not there", e);
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

  /**
   * The configuration of a cluster's JobManager.
   *
   * @param told what the client knows: in application mode that is the JobManager's own
   */
  public static Configuration configuration(Configuration told) throws InterruptedException {
    try (RestInterface rest = of(told).orElse(null)) {
      if (rest == null) {
        return told;
      }
      Map<String, String> values =
          rest
              .client
              .sendRequest(
                  ClusterConfigurationInfoHeaders.getInstance(),
                  EmptyMessageParameters.getInstance(),
                  EmptyRequestBody.getInstance())
              .get(CONFIGURATION_SECONDS, TimeUnit.SECONDS)
              .stream()
              .collect(
                  Collectors.toMap(
                      ConfigurationInfoEntry::getKey, ConfigurationInfoEntry::getValue));
      return Configuration.fromMap(values);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("the cluster does not tell its configuration", e);
      return told;
    }
  }

  @Override
  public List<RootExceptionInfo> failures(JobID job) throws IOException, InterruptedException {
    JobExceptionsMessageParameters parameters =
        JobExceptionsHeaders.getInstance().getUnresolvedMessageParameters();
    parameters.jobPathParameter.resolve(job);
    return answer(
            client.sendRequest(
                JobExceptionsHeaders.getInstance(), parameters, EmptyRequestBody.getInstance()))
        .getExceptionHistory()
        .getEntries();
  }

  @Override
  public Collection<JobVertexDetailsInfo> tasks(JobID job)
      throws IOException, InterruptedException {
    return answer(client.getJobDetails(job)).getJobVertexInfos();
  }

  @Override
  public ClusterOverview overview() throws IOException, InterruptedException {
    return answer(client.getClusterOverview());
  }

  private static <T> T answer(CompletableFuture<? extends T> request)
      throws IOException, InterruptedException {
    try {
      return request.get();
    } catch (ExecutionException e) {
      throw new IOException("Flink's REST interface does not answer", e.getCause());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
