package io.simmim.pipeline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the alerts of {@code k8s/monitoring} fire, by Prometheus itself; needs promtool. */
class AlertsTest {
  private static final String STEP =
      "taskmanager_job_task_operator_step{operator_name=\"trainer\",";
  private static final String REJECTED =
      "taskmanager_job_task_operator_rejectedOfAllowed{operator_name=\"trainer\",";
  private static final String CHECKPOINT = "jobmanager_job_lastCheckpointCompletedTimestamp{";
  private static final String RUNNING = "jobmanager_job_runningTime{";

  @TempDir private Path folder;

  @BeforeEach
  void requirePromtool() {
    boolean found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "promtool")));
    assumeTrue(found, "promtool is not here");
  }

  /** Flink says -1 until there is one. */
  @Test
  void theFirstCheckpointHasHalfAnHourAsEachOtherHas() throws Exception {
    List<Series> none =
        List.of(new Series(CHECKPOINT, "_x99 -1x90"), new Series(RUNNING, "_x99 0+60000x90"));
    requireFiring("SimmimCheckpointTooOld", none, 110, false);
    requireFiring("SimmimCheckpointTooOld", none, 134, false);
    requireFiring("SimmimCheckpointTooOld", none, 138, true);

    List<Series> one =
        List.of(new Series(CHECKPOINT, "-1x9 600000x90"), new Series(RUNNING, "0+60000x90"));
    requireFiring("SimmimCheckpointTooOld", one, 9, false);
    requireFiring("SimmimCheckpointTooOld", one, 44, false);
    requireFiring("SimmimCheckpointTooOld", one, 48, true);
  }

  /** The job goes on from a checkpoint that the new JobManager has not seen completed. */
  @Test
  void aJobManagerThatWasLostHasHalfAnHourToo() throws Exception {
    List<Series> restarted =
        List.of(
            new Series(CHECKPOINT, "600000x50"),
            new Series(CHECKPOINT + "pod=\"new\",", "_x100 -1x90"),
            new Series(RUNNING + "pod=\"new\",", "_x100 0+60000x90"));
    requireFiring("SimmimCheckpointTooOld", restarted, 120, false);
    requireFiring("SimmimCheckpointTooOld", restarted, 138, true);
  }

  @Test
  void fifteenMinutesWithoutAStepAreAsMany() throws Exception {
    List<Series> begun = List.of(new Series(STEP, "0x90"));
    requireFiring("SimmimNoProgress", begun, 8, false);
    requireFiring("SimmimNoProgress", begun, 14, false);
    requireFiring("SimmimNoProgress", begun, 17, true);

    List<Series> stuck = List.of(new Series(STEP, "0+5x30 150x60"));
    requireFiring("SimmimNoProgress", stuck, 29, false);
    requireFiring("SimmimNoProgress", stuck, 44, false);
    requireFiring("SimmimNoProgress", stuck, 47, true);
  }

  /** Each restart of the task is a series of its own. */
  @Test
  void aRestartIsNoStandstill() throws Exception {
    List<Series> restarted =
        List.of(
            new Series(STEP + "tm_id=\"1\",", "0+5x30"),
            new Series(STEP + "tm_id=\"2\",", "_x32 140x5 140+5x60"));
    requireFiring("SimmimNoProgress", restarted, 38, false);
    requireFiring("SimmimNoProgress", restarted, 60, false);
  }

  @Test
  void rejectedImagesAreToldBeforeTheyEndTheRun() throws Exception {
    requireFiring("SimmimRejectsImages", List.of(new Series(REJECTED, "0.4x90")), 60, false);
    requireFiring("SimmimRejectsImages", List.of(new Series(REJECTED, "0.6x90")), 8, true);
  }

  /**
   * A metric of the job, a value each minute.
   *
   * @param name without what all begin with, and with its first labels
   */
  private record Series(String name, String values) {}

  private void requireFiring(String alert, List<Series> series, int minute, boolean firing)
      throws Exception {
    Manifests.YAML.writeValue(
        folder.resolve("rules.yaml").toFile(),
        Manifests.of("monitoring/prometheusrule.yaml").path("spec"));
    ObjectNode test = Manifests.YAML.createObjectNode().put("interval", "1m");
    ArrayNode input = test.putArray("input_series");
    for (Series one : series) {
      input
          .addObject()
          .put("series", "flink_" + one.name() + "namespace=\"ml\",job_name=\"simmim\"}")
          .put("values", one.values());
    }
    ObjectNode expected = test.putArray("promql_expr_test").addObject();
    expected.put("expr", "count(ALERTS{alertname=\"" + alert + "\",alertstate=\"firing\"})");
    expected.put("eval_time", minute + "m");
    ArrayNode samples = expected.putArray("exp_samples");
    if (firing) {
      samples.addObject().put("labels", "{}").put("value", 1);
    }
    ObjectNode file = Manifests.YAML.createObjectNode().put("evaluation_interval", "1m");
    file.putArray("rule_files").add("rules.yaml");
    file.putArray("tests").add(test);
    Path tests = folder.resolve("tests.yaml");
    Manifests.YAML.writeValue(tests.toFile(), file);

    Process promtool =
        new ProcessBuilder("promtool", "test", "rules", tests.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor()).as(minute + " min: " + said).isZero();
  }
}
