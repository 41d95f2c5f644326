package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ChunkPlanner;
import io.simmim.operators.source.enumerator.ListedImages;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.ReachableObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The source in a real Flink: failures, another parallelism, refusals. */
@Tag("slow")
@Timeout(120)
class ChunkSourceTest {
  private static final int IMAGES = 41;

  /** 10 chunks per epoch. */
  private static final BatchPlan PLAN = new BatchPlan(IMAGES, 400, 8, 1, 4);

  /** A group of metrics that has a name and a value, such as {@code split} and its id. */
  private static final String METRIC_GROUP =
      "org.apache.flink.runtime.metrics.groups.GenericValueMetricGroup";

  @TempDir Path folder;
  private CatalogReference catalog;
  private MiniCluster cluster;

  @BeforeEach
  void start() throws Exception {
    catalog = TestCatalogs.of(folder, IMAGES);
    Probe.reset();
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(4)
                .withRandomPorts()
                .build());
    cluster.start();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  void deliversEachChunkOnceWhenEverythingRestarts() throws Exception {
    Probe.failAfterCheckpoints(2, 2);
    JobResult result = run(job(3, 1, null));

    assertThat(result.getSerializedThrowable()).isEmpty();
    assertThat(Probe.failures.get()).isZero();
    deliveredEachChunkOnce();
  }

  @Test
  void continuesFromASavepointAtAnotherParallelism() throws Exception {
    String savepoint = null;
    for (int parallelism : new int[] {1, 3, 2}) {
      JobGraph job = job(parallelism, 1, savepoint);
      submitUntil(Probe.chunks() + 300, job);
      Probe.letGo();
      savepoint = stop(job.getJobID());
    }
    JobResult result = run(job(4, 1, savepoint));

    assertThat(result.getSerializedThrowable()).isEmpty();
    deliveredEachChunkOnce();
  }

  /** In a long run there are millions of chunks. */
  @Test
  void leavesNoMetricsOfEachChunkWithFlink() throws Exception {
    JobGraph job = job(2, 1, null);
    int late = (int) (PLAN.totalChunks() - 200);
    submitUntil(late, job);
    long groups = ReachableObjects.count(METRIC_GROUP::equals).getOrDefault(METRIC_GROUP, 0L);
    Probe.letGo();
    cluster.requestJobResult(job.getJobID()).get(100, TimeUnit.SECONDS);

    // Two readers, each with at most a group for every name; a group for each chunk were more.
    assertThat(groups).isPositive().isLessThan(late - 500).isLessThan(2L * ChunkSplit.NAMES + 100);
  }

  @Test
  void refusesToContinueWithAnotherSeed() throws Exception {
    JobGraph job = job(1, 1, null);
    submitUntil(10, job);
    Probe.letGo();
    String savepoint = stop(job.getJobID());

    JobResult result = run(job(1, 2, savepoint));

    assertThat(result.getSerializedThrowable().orElseThrow())
        .hasStackTraceContaining("cannot resume: the checkpoint was made with seed 1, not 2");
  }

  @Test
  void endsWithoutRestartingWhenTheCatalogIsGone() throws Exception {
    Files.delete(folder.resolve("images.catalog"));
    JobResult result = run(job(2, 1, null));

    assertThat(result.getSerializedThrowable().orElseThrow())
        .hasStackTraceContaining("catalog does not exist: file:" + folder + "/images.catalog");
    assertThat(Probe.chunks()).isZero();
  }

  @Test
  void failsInsteadOfRejectingWhenStorageGoesAway() throws Exception {
    Probe.onFirstChunk = () -> Files.move(folder.resolve("input"), folder.resolve("unmounted"));
    JobResult result = run(job(2, 1, null));

    assertThat(result.getSerializedThrowable().orElseThrow())
        .hasStackTraceContaining(
            " in 2 attempts: the input file:%s/input is gone: ".formatted(folder));
    assertThat(Probe.rejected.get()).isZero();
  }

  private JobGraph job(int parallelism, long seed, String savepoint) {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(30));
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file:" + folder + "/checkpoints");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 4);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    FetchConfig fetch =
        new FetchConfig(4, 1000, 1000, 2, Duration.ofMillis(1), Duration.ofSeconds(60), 16);
    env.fromSource(
            new ChunkSource(
                new ListedImages(catalog, PLAN, seed, Shuffle.SAMPLE), fetch, SuspectConfig.NONE),
            WatermarkStrategy.noWatermarks(),
            "images",
            EncodedChunkSerializer.TYPE)
        .uid("source")
        .setParallelism(parallelism)
        .map(new Probe())
        .returns(Types.LONG)
        .uid("probe")
        .setParallelism(1)
        .sinkTo(new DiscardingSink<>())
        .setParallelism(1);
    JobGraph job = env.getStreamGraph().getJobGraph();
    if (savepoint != null) {
      job.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(savepoint));
    }
    return job;
  }

  private JobResult run(JobGraph job) throws Exception {
    cluster.submitJob(job).get();
    return cluster.requestJobResult(job.getJobID()).get(100, TimeUnit.SECONDS);
  }

  /** Starts a job, and waits for so many chunks of it, behind which it waits to go on. */
  private void submitUntil(int chunks, JobGraph job) throws Exception {
    Probe.holdAfter(chunks);
    cluster.submitJob(job).get();
    await().until(() -> Probe.chunks() >= chunks);
  }

  private String stop(JobID job) throws Exception {
    String savepoint =
        cluster
            .stopWithSavepoint(
                job, "file:" + folder + "/savepoints", false, SavepointFormatType.CANONICAL)
            .get(60, TimeUnit.SECONDS);
    cluster.requestJobResult(job).get(60, TimeUnit.SECONDS);
    return savepoint;
  }

  private void deliveredEachChunkOnce() throws IOException {
    assertThat(Probe.duplicates).isEmpty();
    List<Long> all = new ArrayList<>();
    Probe.delivered.values().forEach(all::addAll);
    assertThat(all)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, PLAN.totalChunks()).boxed().toList());
    Catalog images = Catalog.read(catalog);
    ChunkPlanner planner = new ChunkPlanner(images, PLAN, 1, Shuffle.SAMPLE);
    Probe.content.forEach(
        (chunk, content) ->
            assertThat(content)
                .isEqualTo(
                    planner.split(chunk).images().stream()
                        .map(image -> "image " + image.sampleId())
                        .toList()));
  }
}
