package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.mlflow.TrackingServer;
import io.simmim.pipeline.output.HistogramsOfRun;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.output.ToldRun;
import io.simmim.pipeline.tensorboard.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures, measurements and histograms beside the training: each step that is due has its own
 * once, with the bytes of an undisturbed run, whatever happened meanwhile.
 */
@Timeout(600)
class WatchingITCase {
  private static final int EPOCHS = 12;
  private static final Duration RUN_LIMIT = Duration.ofMinutes(4);
  private static final List<Long> PICTURES = List.of(5L, 10L, 15L, 20L, 24L);
  private static final List<Long> HISTOGRAMS = List.of(10L, 20L, 24L);
  private static final List<Long> MEASURED = List.of(4L, 8L, 12L, 16L, 20L, 24L);

  @TempDir static Path work;
  private static Workload workload;
  private static RunOutput undisturbed;
  @RegisterExtension private final TrackingServer server = new TrackingServer();

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    workload = Workload.prepare(work, EPOCHS).gated();
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    InThisProcess.run(watched(undisturbed)).orFail();
    assertWatched(undisturbed);
  }

  /** A test that failed must not make the next one wait. */
  @AfterEach
  void openGate() throws IOException {
    workload.gate().open();
  }

  /** The classes of the images are the folders even and odd; the damaged files have none. */
  private static List<String> watched(RunOutput output, String... more) {
    String sets = "[%s]".formatted(workload.images());
    List<String> arguments = new ArrayList<>(workload.pretrain(output, more));
    for (String assignment :
        List.of(
            "tensorboard.histograms-every-steps=10",
            "pictures.every-steps=5",
            "pictures.images=4",
            "eval.every-epochs=2",
            "eval.rank-images=32",
            "eval.probe-epochs=3",
            "eval.input=" + sets,
            "eval.validation=" + sets)) {
      arguments.add("--set");
      arguments.add(assignment);
    }
    return arguments;
  }

  /** The last copy is the model. */
  @Test
  void theLastMeasurementIsThatOfTheCommands() throws IOException {
    String images = workload.images().toString();
    List<String> sets =
        List.of(
            "--model",
            undisturbed.path().toString(),
            "--input",
            images,
            "--validation",
            images,
            "--output",
            work.resolve("probed").toString());
    List<String> probe = new ArrayList<>(List.of("probe", "--epochs", "3"));
    probe.addAll(sets);
    InThisProcess.run(probe).orFail();
    JsonNode best =
        new ObjectMapper().readTree(work.resolve("probed/probe.json").toFile()).required("best");

    JsonNode last = undisturbed.evaluations().get(MEASURED.size() - 1);

    assertThat(last.required("probe_images")).isEqualTo(best.required("images"));
    assertThat(last.required("probe_layer")).isEqualTo(best.required("layer"));
    assertThat(last.required("probe_features")).isEqualTo(best.required("features"));
    assertThat(last.required("probe_learning_rate")).isEqualTo(best.required("learning-rate"));
    assertThat(last.required("probe_top1").asDouble())
        .isEqualTo(best.required("top-1").asDouble() / best.required("images").asDouble());
    assertThat(last.required("probe_top5").asDouble())
        .isEqualTo(best.required("top-5").asDouble() / best.required("images").asDouble());
  }

  /** MLflow is told of each once, too. */
  @Test
  void eachIsThereOnceWhenTheTaskManagerWasKilled() throws Exception {
    try (StandaloneCluster cluster =
        StandaloneCluster.startWithJarInLib(
            work.resolve("cluster"), "watching", Map.of(), GatedFiles.environment())) {
      RunOutput output = new RunOutput(work.resolve("killed"));
      workload.waitAfter(EPOCHS / 2);
      String job =
          cluster.submit(
              List.of("-p", "1"),
              watched(
                  output,
                  "--set",
                  "mlflow.tracking-uri=" + server.address(),
                  "--set",
                  "mlflow.experiment=trials"));
      awaitStep(output, EPOCHS / 2 * Workload.STEPS_PER_EPOCH);
      Awaitility.await("steps told").atMost(RUN_LIMIT).until(() -> ToldRun.lastStep(server) > 0);

      cluster.taskManager().kill();
      workload.gate().open();
      cluster.startTaskManager();

      assertThat(cluster.rest().awaitEnd(job, RUN_LIMIT)).isEqualTo("FINISHED");
      assertThat(cluster.rest().restored(job)).isPositive();
      output.assertSameAs(undisturbed);
      assertSameFindings(output);
      ToldRun.assertWhole(server, output, undisturbed.lastStep());
    }
  }

  /** The model is complete then, but the run is not. */
  @Test
  void whatWasLeftToLookAtIsDoneWhenTheProcessWasKilledAtTheEnd() throws Exception {
    RunOutput output = new RunOutput(work.resolve("end"));
    CommandLine simmim = new CommandLine("watching-end", GatedFiles.environment());
    try (ChildProcess process = simmim.start(watched(output))) {
      Awaitility.await("the model")
          .atMost(RUN_LIMIT)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> !process.isAlive() || Files.exists(output.model()));
      assertThat(process.isAlive()).as(process::errors).isTrue();
      process.kill();
    }
    assertThat(output.path().resolve("beside/step-24")).as("what is left").exists();

    assertThat(InThisProcess.run(watched(output)).orFail().output())
        .contains("continuing from")
        .doesNotContain("no picture or evaluation");

    output.assertSameAs(undisturbed);
    assertSameFindings(output);
    assertThat(InThisProcess.run(watched(output)).orFail().output()).contains("already complete");
  }

  private static void awaitStep(RunOutput output, long step) {
    Awaitility.await("step " + step)
        .atMost(RUN_LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> output.lastStep() >= step);
  }

  private static void assertSameFindings(RunOutput output) throws IOException {
    assertWatched(output);
    HistogramsOfRun.assertSameAs(undisturbed, output);
    assertThat(Files.readString(output.path().resolve("evaluation.jsonl")))
        .isEqualTo(Files.readString(undisturbed.path().resolve("evaluation.jsonl")));
    for (long step : PICTURES) {
      assertThat(picture(output, step)).hasSameBinaryContentAs(picture(undisturbed, step));
    }
  }

  private static void assertWatched(RunOutput output) throws IOException {
    assertThat(output.evaluations().stream().map(line -> line.path("step").asLong()))
        .isEqualTo(MEASURED);
    assertThat(names(output.path().resolve("pictures")))
        .containsExactlyInAnyOrderElementsOf(
            PICTURES.stream().map("step-%d.png"::formatted).toList());
    assertThat(names(output.path().resolve("beside")))
        .allMatch(name -> name.startsWith("found-"))
        .hasSize(MEASURED.size());
    EventLog events = EventLog.read(output.path().resolve("runs/watched"));
    Map<Long, List<Float>> ranks =
        output.evaluations().stream()
            .collect(
                Collectors.toMap(
                    line -> line.path("step").asLong(),
                    line -> List.of((float) line.path("effective_rank").asDouble())));
    assertThat(events.scalars("evaluation/effective_rank")).isEqualTo(ranks);
    assertThat(events.scalars("evaluation/probe_top_1").keySet())
        .containsExactlyElementsOf(MEASURED);
    assertThat(events.pictures("reconstructions").keySet()).containsExactlyElementsOf(PICTURES);
    for (long step : PICTURES) {
      assertThat(events.pictures("reconstructions").get(step))
          .containsExactly(Files.readAllBytes(picture(output, step)));
    }
    HistogramsOfRun.assertOnce(output, HISTOGRAMS);
  }

  private static Path picture(RunOutput output, long step) {
    return output.path().resolve("pictures/step-%d.png".formatted(step));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }
}
