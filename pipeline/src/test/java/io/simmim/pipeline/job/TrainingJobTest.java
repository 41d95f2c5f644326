package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.mask.NoMask;
import io.simmim.pipeline.job.settings.FlinkSettings;
import io.simmim.pipeline.watch.WatchConfig;
import io.simmim.pipeline.watch.WatchedImages;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.jobgraph.JobEdge;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class TrainingJobTest extends JobGraphCase {
  @Test
  void noStreamTypeFallsBackToKryo() {
    StreamGraph graph = graph(new Configuration());

    assertThat(graph.getStreamNodes()).hasSizeGreaterThanOrEqualTo(5);
    for (StreamNode node : graph.getStreamNodes()) {
      for (TypeSerializer<?> serializer : node.getTypeSerializersIn()) {
        assertThat(serializer).isNotNull();
        assertThat(serializer.getClass().getName())
            .as(node.getOperatorName())
            .startsWith("io.simmim.schemas.");
      }
    }
  }

  @Test
  void everyOperatorHasAUid() {
    assertThat(graph(new Configuration()).getStreamNodes())
        .allSatisfy(
            node -> assertThat(node.getTransformationUID()).as(node.getOperatorName()).isNotNull());
  }

  @Test
  void aModelThatIsLookedAtHasAnOperatorMoreForThatAndNoneOtherwise() {
    Set<String> usual = uids(graph(new Configuration()));
    WatchConfig watch =
        new WatchConfig(
            run.folder().root().toString(),
            loaded.config().image(),
            loaded.config().fetch(),
            new NoMask(6),
            0,
            0,
            "cpu",
            new WatchedImages(null, null, null, null));

    Set<String> watched = uids(graph(new Configuration(), Optional.of(watch)));

    assertThat(watched).containsAll(usual);
    watched.removeAll(usual);
    assertThat(watched)
        .containsExactlyInAnyOrder("watching", "evaluation", "watched-events", "watched-lines");
  }

  @Test
  void aServerOfMlflowIsToldByAnOperatorThatIsThereOnlyThen() {
    Set<String> usual = uids(graph(new Configuration()));
    loaded = load("training.micro-batch=8", "mlflow.tracking-uri=http://localhost:1");

    Set<String> told = uids(graph(new Configuration()));

    assertThat(told).containsAll(usual);
    told.removeAll(usual);
    assertThat(told).containsExactly("mlflow");
  }

  private static Set<String> uids(StreamGraph graph) {
    Set<String> uids = new HashSet<>();
    graph.getStreamNodes().forEach(node -> uids.add(node.getTransformationUID()));
    return uids;
  }

  @Test
  void onlySourceAndImagePathAreParallel() {
    assertThat(graph(new Configuration()).getStreamNodes())
        .allSatisfy(
            node ->
                assertThat(node.getParallelism())
                    .as(node.getOperatorName())
                    .isEqualTo(
                        List.of("images", "image-path").contains(node.getTransformationUID())
                            ? 3
                            : 1));
  }

  /** If a part of the readers restarts alone, it can end Flink's JobManager: docs/design.md. */
  @Test
  void allTasksRestartTogether() {
    JobGraph graph = graph(new Configuration()).getJobGraph();
    Set<JobVertex> together = new HashSet<>();
    graph.getVerticesSortedTopologicallyFromSources().stream()
        .filter(vertex -> vertex.getParallelism() == 1)
        .findFirst()
        .ifPresent(together::add);
    for (int i = 0; i < graph.getNumberOfVertices(); i++) {
      for (JobVertex vertex : graph.getVertices()) {
        for (JobEdge edge : vertex.getInputs()) {
          JobVertex producer = edge.getSource().getProducer();
          boolean pipelined =
              edge.getSource().getResultType().isPipelinedOrPipelinedBoundedResultPartition();
          if (pipelined && (together.contains(vertex) || together.contains(producer))) {
            together.add(vertex);
            together.add(producer);
          }
        }
      }
    }

    assertThat(graph.getVertices()).hasSizeGreaterThan(1);
    assertThat(together).containsExactlyInAnyOrderElementsOf(graph.getVertices());
  }

  @Test
  void whatCorrectnessNeedsIsSet() {
    Configuration settings =
        FlinkSettings.of(loaded, run.folder(), run.restore(), new Configuration());

    assertThat(settings.get(ExecutionOptions.RUNTIME_MODE))
        .isEqualTo(RuntimeExecutionMode.STREAMING);
    assertThat(settings.get(PipelineOptions.GENERIC_TYPES)).isFalse();
    assertThat(settings.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
        .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    assertThat(settings.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
        .isEqualTo("file:" + folder + "/output/checkpoints");
    assertThat(settings.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
        .isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.get(RestartStrategyOptions.RESTART_STRATEGY))
        .isEqualTo("exponential-delay");
  }

  @Test
  void whatAClusterSaysOtherwiseIsReplaced() {
    Configuration told = new Configuration();
    told.set(CheckpointingOptions.CREATE_CHECKPOINT_SUB_DIR, false);
    told.set(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, false);

    told.addAll(FlinkSettings.of(loaded, run.folder(), run.restore(), told));

    assertThat(told.get(CheckpointingOptions.CREATE_CHECKPOINT_SUB_DIR)).isTrue();
    assertThat(told.get(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH)).isTrue();
  }

  /** Longer than Flink's 3 minutes, after which it ends the process. */
  @Test
  void aStepMayTakeLongBeforeARestart() {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());

    env.configure(FlinkSettings.of(loaded, run.folder(), run.restore(), new Configuration()));

    assertThat(Duration.ofMillis(env.getConfig().getTaskCancellationTimeout()))
        .isEqualTo(Duration.ofMinutes(30));
  }

  @Test
  void inOneProcessAStepMayTakeAsLongAsItTakes() {
    assertThat(embeddedCancellationTimeout()).isZero();
    assertThat(embeddedCancellationTimeout("flink.task.cancellation.timeout=5min"))
        .isEqualTo(Duration.ofMinutes(5).toMillis());
  }

  private long embeddedCancellationTimeout(String... flink) {
    List<String> assignments = new ArrayList<>(List.of("training.micro-batch=8"));
    assignments.addAll(List.of(flink));
    StreamExecutionEnvironment env =
        EmbeddedFlink.environment(load(assignments.toArray(String[]::new)).config());
    env.configure(FlinkSettings.of(loaded, run.folder(), run.restore(), env.getConfiguration()));
    return env.getConfig().getTaskCancellationTimeout();
  }

  @Test
  void inOneProcessFlinksWebPageIsAtThePortThatFlinkWasTold() {
    assertThat(embedded().get(RestOptions.BIND_PORT)).isEqualTo("8081-8180,0");
    assertThat(embedded("flink.rest.port=9090").get(RestOptions.BIND_PORT)).isEqualTo("9090");
    assertThat(embedded("flink.rest.bind-port=9090-9099").get(RestOptions.BIND_PORT))
        .isEqualTo("9090-9099");
    assertThatThrownBy(() -> embedded("flink.rest.port=web"))
        .isInstanceOf(UserError.class)
        .hasMessage("flink.rest.bind-port must be ports, such as 8081 or 8081-8180 (0 = any): web");
  }

  @Test
  void inOneProcessFlinkIsNotToldInVain() {
    Map.of(
            "rest.bind-address=0.0.0.0",
            "flink.rest.bind-address must be localhost in runs in this process: 0.0.0.0",
            "execution.runtime-mode=BATCH",
            "flink.execution.runtime-mode must be STREAMING in runs in this process: BATCH",
            "state.backend.type=rocksdb",
            "flink.state.backend.type must be hashmap in runs in this process: rocksdb",
            "execution.checkpointing.unaligned.enabled=perhaps",
            "flink.execution.checkpointing.unaligned.enabled must be false in runs in this process:"
                + " perhaps",
            "parallelism.default=721",
            "flink.parallelism.default must be 3 in runs in this process, as parallelism says: 721",
            "execution.checkpointing.dir=file:/tmp/x",
            "flink.execution.checkpointing.dir is not for runs in this process, whose checkpoints"
                + " are in their output: file:/tmp/x")
        .forEach(
            (told, message) ->
                assertThatThrownBy(() -> embedded("flink." + told, "parallelism=3"))
                    .isInstanceOf(UserError.class)
                    .hasMessage(message));

    assertThat(
            embedded("flink.rest.address=localhost", "flink.heartbeat.timeout=77s")
                .get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT))
        .isEqualTo(Duration.ofSeconds(77));
  }

  private ReadableConfig embedded(String... assignments) {
    return EmbeddedFlink.environment(load(assignments).config()).getConfiguration();
  }

  @Test
  void aRunHasANameOfItsOwnUnlessAJobManagerTakesOver() {
    Configuration plain = new Configuration();
    assertThat(FlinkSettings.owner(plain)).isNotEqualTo(FlinkSettings.owner(plain));
    plain.set(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID, "0".repeat(32));
    assertThat(FlinkSettings.owner(plain)).isNotEqualTo(FlinkSettings.owner(plain));

    Configuration available = new Configuration(plain);
    available.set(HighAvailabilityOptions.HA_MODE, "kubernetes");
    available.set(HighAvailabilityOptions.HA_STORAGE_PATH, "s3://ha/a");
    assertThat(FlinkSettings.owner(available)).isEqualTo(FlinkSettings.owner(available));
    Configuration other = new Configuration(available);
    other.set(HighAvailabilityOptions.HA_STORAGE_PATH, "s3://ha/b");
    assertThat(FlinkSettings.owner(other)).isNotEqualTo(FlinkSettings.owner(available));
  }

  @Test
  void whatFlinkWasToldStays() {
    Configuration told = new Configuration();
    told.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(77));
    told.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    told.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, "file:/elsewhere");

    Configuration settings = FlinkSettings.of(loaded, run.folder(), run.restore(), told);

    assertThat(settings.getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL)).isEmpty();
    assertThat(settings.getOptional(RestartStrategyOptions.RESTART_STRATEGY)).isEmpty();
    assertThat(settings.getOptional(CheckpointingOptions.SAVEPOINT_DIRECTORY)).isEmpty();
  }

  @Test
  void aWaitBetweenTriesThatFlinkWasToldStays() {
    Configuration told = new Configuration();
    told.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofSeconds(30));

    Configuration settings = FlinkSettings.of(loaded, run.folder(), run.restore(), told);

    assertThat(settings.get(RestartStrategyOptions.RESTART_STRATEGY))
        .isEqualTo("exponential-delay");
    assertThat(
            settings.getOptional(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF))
        .isEmpty();
    assertThat(settings.get(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF))
        .isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void whatTheUserSetForTheRunGoesBeforeTheCluster() {
    Configuration told = new Configuration();
    told.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(77));

    Configuration settings =
        FlinkSettings.of(
            load("training.micro-batch=8", "checkpoint.interval=2s"),
            run.folder(),
            run.restore(),
            told);

    assertThat(settings.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void hasRoomForManyTasksAndRefusesMoreInOneLine() {
    assertThat(
            FlinkSettings.of(loaded, run.folder(), run.restore(), new Configuration())
                .get(PipelineOptions.MAX_PARALLELISM))
        .isEqualTo(720);
    assertThat(graph(new Configuration(), 720).getStreamNodes())
        .anySatisfy(node -> assertThat(node.getParallelism()).isEqualTo(720));
    assertThatThrownBy(() -> FlinkSettings.requireParallelism(721))
        .isInstanceOf(UserError.class)
        .hasMessage("parallelism must be at most 720 tasks: 721");
  }

  /** Ids follow from the uids; those of what is one task for ever are in k8s/autoscaler. */
  @Test
  void theAutoscalerOfTheManifestsLeavesAloneWhatIsOneTask() throws IOException {
    String excluded =
        Files.readAllLines(Path.of("..", "k8s", "autoscaler", "autoscaler.yaml")).stream()
            .filter(line -> line.contains("job.autoscaler.vertex.exclude.ids"))
            .map(line -> line.replaceFirst(".*: ", ""))
            .findFirst()
            .orElseThrow();
    List<String> single = new ArrayList<>();
    for (JobVertex vertex : graph(new Configuration()).getJobGraph().getVertices()) {
      if (vertex.getParallelism() == 1) {
        single.add(vertex.getID().toString());
      }
    }

    assertThat(excluded.split(";")).containsExactlyInAnyOrderElementsOf(single);
  }
}
