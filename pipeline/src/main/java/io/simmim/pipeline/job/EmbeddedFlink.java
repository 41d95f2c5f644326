package io.simmim.pipeline.job;

import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.job.settings.FixedSetting;
import io.simmim.pipeline.job.settings.FlinkSettings;
import io.simmim.pipeline.job.signal.EarlyStop;
import io.simmim.pipeline.job.told.RestInterface;
import io.simmim.pipeline.job.told.RestartWatch;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.client.deployment.executors.LocalExecutor;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.NetUtils;
import org.apache.flink.util.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Flink in this process, with its web UI on this machine only. */
final class EmbeddedFlink {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedFlink.class);

  /** Those that Flink's web UI tries, the last one is any that is free. */
  private static final String PORTS = "8081-8180,0";

  /** What this process is made for, and who may see it. */
  private static final List<FixedSetting<?>> FIXED =
      List.of(
          new FixedSetting<>(RestOptions.ADDRESS, "localhost"),
          new FixedSetting<>(RestOptions.BIND_ADDRESS, "localhost"),
          new FixedSetting<>(WebOptions.SUBMIT_ENABLE, false));

  /** A record of up to 5 MiB per channel in both directions, and some to spare. */
  private static final MemorySize NETWORK_MEMORY = MemorySize.ofMebiBytes(128);

  /** Time for the checkpoints of a job that is done, two by default, on a slow store. */
  private static final Duration DELETION_LIMIT = Duration.ofMinutes(1);

  /** Nothing in this job uses Flink's managed memory. */
  private static final MemorySize MANAGED_MEMORY = MemorySize.ofMebiBytes(1);

  /**
   * An environment whose cluster starts with its job. Its file systems can be used at once.
   *
   * @param config tells the number of slots (0 = one per core) and what Flink is told
   * @throws UserError if Flink is told what is not heeded here, or the name of this machine has no
   *     address
   */
  static StreamExecutionEnvironment environment(SimmimConfig config) {
    requireAddress();
    int slots =
        config.parallelism() > 0
            ? config.parallelism()
            : Runtime.getRuntime().availableProcessors();
    LocalFileSystems.initialize(config.flink(), config.fetch(), slots);
    Configuration settings = LocalFileSystems.withoutSecrets(config.flink());
    requireHeeded(settings, slots);
    settings.set(RestOptions.BIND_PORT, ports(settings));
    unlessTold(settings, CoreOptions.TMP_DIRS, ProcessScratch.files().toString());
    unlessTold(
        settings, WebOptions.TMP_DIR, settings.get(CoreOptions.TMP_DIRS).split("[,:]", 2)[0]);
    // Flink would end its task manager, which is this process, and nobody starts another.
    unlessTold(settings, TaskManagerOptions.TASK_CANCELLATION_TIMEOUT, Duration.ZERO);
    settings.set(CoreOptions.DEFAULT_PARALLELISM, slots);
    settings.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
    unlessTold(settings, TaskManagerOptions.NETWORK_MEMORY_MIN, NETWORK_MEMORY);
    unlessTold(settings, TaskManagerOptions.NETWORK_MEMORY_MAX, NETWORK_MEMORY);
    unlessTold(settings, TaskManagerOptions.MANAGED_MEMORY_SIZE, MANAGED_MEMORY);
    FIXED.forEach(setting -> setting.addTo(settings));
    // All cores compute; a late heartbeat within one process says nothing.
    unlessTold(settings, HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofMinutes(5));
    return StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(settings);
  }

  private static <T> void unlessTold(Configuration settings, ConfigOption<T> option, T value) {
    if (settings.getOptional(option).isEmpty()) {
      settings.set(option, value);
    }
  }

  private static void requireHeeded(Configuration told, int slots) {
    FlinkSettings.requireHeeded(told);
    FlinkSettings.requireScheduler(told);
    FIXED.forEach(setting -> setting.requireIn(told));
    for (ConfigOption<Integer> tasks :
        List.of(CoreOptions.DEFAULT_PARALLELISM, TaskManagerOptions.NUM_TASK_SLOTS)) {
      Optional<Integer> other = told.getOptional(tasks).filter(number -> number != slots);
      if (other.isPresent()) {
        throw new UserError(
            "flink.%s must be %d in runs in this process, as parallelism says: %d"
                .formatted(tasks.key(), slots, other.get()));
      }
    }
  }

  /** Where Flink's web UI may be. */
  private static String ports(Configuration told) {
    String ports = told.getOptional(RestOptions.BIND_PORT).orElse(PORTS);
    try {
      NetUtils.getPortRangeFromString(ports);
      return ports;
    } catch (IllegalArgumentException | IllegalConfigurationException e) {
      throw new UserError(
          "flink.%s must be ports, such as 8081 or 8081-8180 (0 = any): %s"
              .formatted(RestOptions.BIND_PORT.key(), ports),
          e);
    }
  }

  /** Whoever names no port gets one that is free. */
  private static UserError noPort(Configuration settings, Exception cause) {
    String ports = settings.get(RestOptions.BIND_PORT);
    boolean single =
        settings.getOptional(RestOptions.PORT).map(String::valueOf).equals(Optional.of(ports));
    return new UserError(
        "flink.%s must be a port that is free, or several such as 8081-8180 (0 = any): %s (taken by another process, or not allowed)"
            .formatted(single ? RestOptions.PORT.key() : RestOptions.BIND_PORT.key(), ports),
        cause);
  }

  /** Flink asks for it when it starts, though all connections are within this machine. */
  private static void requireAddress() {
    try {
      InetAddress.getLocalHost();
    } catch (UnknownHostException e) {
      String name = String.valueOf(e.getMessage()).split(":", 2)[0];
      throw new UserError(
          "the name of this machine, %s, has no address, which Flink needs: a line \"127.0.0.1 %s\" in /etc/hosts gives it one"
              .formatted(name, name),
          e);
    }
    requireLoopback();
  }

  /** All connections are to it. */
  private static void requireLoopback() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("localhost", 0));
    } catch (IOException e) {
      throw new UserError(
          "nothing can listen on localhost (%s), which Flink needs: /etc/hosts must give it an address that this machine has, 127.0.0.1 or ::1"
              .formatted(e.getMessage()),
          e);
    }
  }

  /**
   * Runs a job to its end. SIGINT and SIGTERM stop it with a savepoint.
   *
   * @param early is closed when the job runs
   * @param suspects are told that the process does not end without a word
   * @param stopped is called when it was stopped, since the process may end before this returns
   * @return the result, or nothing if it was stopped
   */
  static Optional<JobExecutionResult> run(
      StreamExecutionEnvironment env,
      String name,
      RunFolder folder,
      RunLease lease,
      EarlyStop early,
      SuspectConfig suspects,
      Consumer<String> say,
      Runnable stopped)
      throws Exception {
    AtomicReference<MiniCluster> cluster = new AtomicReference<>();
    JobClient client = start(env, name, cluster);
    int port = cluster.get().getRestAddress().get().getPort();
    say.accept("Flink's web UI: http://localhost:" + port);
    StopOnSignal stop = new StopOnSignal(client, folder, lease, say, stopped, suspects::ended);
    early.close();
    stop.register();
    Configuration here = new Configuration();
    here.set(DeploymentOptions.TARGET, "remote");
    here.set(RestOptions.ADDRESS, "localhost");
    here.set(RestOptions.PORT, port);
    RestartWatch watch =
        new RestartWatch(RestInterface.of(here), client.getJobID(), env.getConfiguration(), say)
            .start();
    try {
      JobExecutionResult result = client.getJobExecutionResult().get();
      if (stop.stopping()) {
        return Optional.empty();
      }
      stop.unregister();
      awaitDeletions(cluster.get());
      return Optional.of(result);
    } catch (ExecutionException e) {
      if (stop.stopping()) {
        return Optional.empty();
      }
      throw RunLines.ifCancelled(e.getCause() instanceof Exception cause ? cause : e, folder);
    } finally {
      watch.close();
      stop.unregister();
      suspects.ended();
    }
  }

  /**
   * A result is there before Flink has deleted the checkpoints of its job, and this process may end
   * with it.
   */
  private static void awaitDeletions(MiniCluster cluster) throws InterruptedException {
    try {
      cluster.closeAsync().get(DELETION_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Flink has not come to its end; checkpoints may be left", e);
    }
  }

  /**
   * As {@code env.executeAsync}, which does not tell the cluster. A port that is chosen here may be
   * taken by then, and Flink leaves threads and memory of a cluster that could not start; so the
   * cluster itself looks for one.
   */
  private static JobClient start(
      StreamExecutionEnvironment env, String name, AtomicReference<MiniCluster> cluster)
      throws Exception {
    StreamGraph graph = env.getStreamGraph(false);
    graph.setJobName(name);
    Configuration settings = Configuration.fromMap(env.getConfiguration().toMap());
    settings.set(DeploymentOptions.ATTACHED, true);
    try {
      return LocalExecutor.createWithFactory(
              settings,
              configuration -> {
                cluster.set(
                    new MiniCluster(
                        configuration, () -> Reference.borrowed(ProcessScratch.rpcSystem())));
                return cluster.get();
              })
          .execute(graph, settings, EmbeddedFlink.class.getClassLoader())
          .get();
    } catch (Exception e) {
      if (ExceptionUtils.findThrowable(e, BindException.class).isPresent()) {
        throw noPort(settings, e);
      }
      throw ProcessScratch.explained(e);
    }
  }
}
