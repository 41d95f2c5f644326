package io.simmim.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.mlflow.MlflowRun.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mlflow.api.proto.Service.Metric;

@Timeout(60)
class MlflowRunTest extends MlflowRunCase {
  @Test
  void allNumbersOfAStepAreToldWithItsTime() throws Exception {
    writeSteps(1, 2, 0);

    run().tell(2);

    Map<String, Double> second = new TreeMap<>();
    for (String key :
        List.of(
            "train/loss",
            "train/learning_rate",
            "speed/images_per_second",
            "speed/data_wait_share",
            "speed/decode_wait_share",
            "images/seen",
            "images/rejected")) {
      List<Metric> history = stored().history(key);
      assertThat(history).extracting(Metric::getStep).containsExactly(1L, 2L);
      assertThat(history).extracting(Metric::getTimestamp).containsExactly(time(1), time(2));
      second.put(key, history.get(1).getValue());
    }
    assertThat(second.values()).containsExactly(0.0, 16.0, 0.25, 0.125, 100.5, 0.5, 0.5);
    assertThat(stored().history("train/gradient_norm")).as("what is no number").isEmpty();
  }

  @Test
  void aStepWithoutAnImageHasNoLoss() throws Exception {
    writeSteps(1, 3, 0);
    Path metrics = output.resolve("metrics.jsonl");
    String second = line(2, 0);
    Files.writeString(
        metrics,
        Files.readString(metrics)
            .replace(
                second,
                second
                    .replace("\"images\":8", "\"images\":0")
                    .replace("\"gradient_norm\":null", "\"gradient_norm\":0.0")));

    run().tell(3);

    assertThat(stored().steps("train/loss")).containsExactly(1L, 3L);
    assertThat(stored().history("train/gradient_norm")).isEmpty();
    assertThat(stored().steps("images/rejected")).isEqualTo(upTo(3));
  }

  @Test
  void theRunHasTheNameOfItsOutputAndItsConfiguration() throws Exception {
    writeSteps(1, 2, 0);

    run().tell(2);

    assertThat(server.experiments()).containsExactly("trials");
    assertThat(stored().name()).isEqualTo("run 1");
    assertThat(stored().start()).isEqualTo(time(1));
    assertThat(stored().status()).isEqualTo("RUNNING");
    assertThat(stored().params()).containsExactlyEntriesOf(Map.of("seed", "7"));
    assertThat(stored().tags()).containsAllEntriesOf(TAGS);
  }

  @Test
  void stepsThatNoCheckpointHoldsAreNotTold() throws Exception {
    writeSteps(1, 9, 0);
    writeEvaluations(4, 8);
    MlflowRun run = run();

    run.tell(5);
    assertThat(stored().steps("train/loss")).isEqualTo(upTo(5));
    assertThat(stored().steps("evaluation/effective_rank")).containsExactly(4L);

    run.tell(8);
    assertThat(stored().steps("train/loss")).isEqualTo(upTo(8));
    assertThat(stored().steps("evaluation/effective_rank")).containsExactly(4L, 8L);
  }

  @Test
  void anEvaluationHasTheTimeOfItsStepWheneverItIsTold() throws Exception {
    writeSteps(1, 9, 0);
    MlflowRun run = run();
    run.tell(9);
    writeEvaluations(4);

    run.tell(9);
    writeEvaluations(4, 8);
    run().tell(9);

    List<Metric> ranks = stored().history("evaluation/effective_rank");
    assertThat(ranks).extracting(Metric::getTimestamp).containsExactly(time(4), time(8));
    assertThat(stored().history("evaluation/knn_10_top_5"))
        .extracting(Metric::getValue)
        .containsExactly(0.75, 0.75);
  }

  @Test
  void aValidationIsToldToo() throws Exception {
    writeSteps(1, 2, 0);
    Files.writeString(
        output.resolve("validation.jsonl"),
        """
        {"epoch":0,"step":2,"top1":0.5,"top5":0.9,"images":10,"loss":1.5,"time":"2026-01-02T03:05:00Z"}
        """);

    run().tell(2);

    Metric accuracy = stored().history("validation/top_1").get(0);
    assertThat(accuracy.getValue()).isEqualTo(0.5);
    assertThat(accuracy.getStep()).isEqualTo(2);
    assertThat(accuracy.getTimestamp())
        .isEqualTo(Instant.parse("2026-01-02T03:05:00Z").toEpochMilli());
    assertThat(stored().history("validation/loss").get(0).getValue()).isEqualTo(1.5);
  }

  @Test
  void manyStepsTakeSeveralCallsOfAtMostAThousandNumbers() throws Exception {
    writeSteps(1, 500, 0);

    run().tell(500);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(500));
    assertThat(server.calls().stream().filter("runs/log-batch"::equals))
        .as("one for the configuration, and 142 steps in each other")
        .hasSizeBetween(4, 6);
  }

  /** The run went back to a checkpoint, and its steps were taken again. */
  @Test
  void whatWasToldIsNotToldAgainByWhoeverGoesOn() throws Exception {
    writeSteps(1, 6, 0);
    run().tell(6);
    writeSteps(1, 8, 3);

    run().tell(8);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(8));
    assertThat(stored().history("train/loss"))
        .extracting(Metric::getTimestamp)
        .containsExactly(
            time(1), time(2), time(3), time(4), time(5), time(6), time(7) + 3, time(8) + 3);
  }

  /** MLflow's databases keep equal numbers once; see docs/mlflow.md for its files. */
  @Test
  void whenNobodyHeardAnAnswerTheSameIsToldAgain() throws Exception {
    writeSteps(1, 3, 0);
    MlflowRun run = run();
    run.open();
    server.beUnheard("runs/log-batch");

    assertThatThrownBy(() -> run.tell(3)).isInstanceOf(IOException.class);
    run.tell(3);

    assertThat(stored().steps("train/loss")).containsExactly(1L, 2L, 3L, 1L, 2L, 3L);
    assertThat(stored().history("train/loss").stream().distinct()).hasSize(3);
  }

  @Test
  void aRunWhoseCreationNobodyHeardOfIsFoundAgain() throws Exception {
    writeSteps(1, 3, 0);
    server.beUnheard("runs/create");
    assertThatThrownBy(() -> run().tell(3)).isInstanceOf(IOException.class);

    run().tell(3);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(3));
  }

  /** They are shown, and are a part of an address. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\\u001b[2J", "\u202eabc", "\\ud800"})
  void anIdThatIsNoneIsNotKept(String id) throws Exception {
    writeSteps(1, 2, 0);
    server.answer("runs/create", "{\"run\":{\"info\":{\"run_id\":\"%s\"}}}".formatted(id));
    MlflowRun run = run();

    assertThatThrownBy(() -> run.tell(2))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(
            "it answers with no id of the run (allowed: 1 to 256 printable characters of ASCII)");

    server.answer("runs/create", null);
    run.tell(2);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(2));
  }

  @Test
  void anIdOfAnExperimentThatIsNoneIsNotSent() throws Exception {
    server.answer("experiments/get-by-name", "{\"experiment\":{}}");

    assertThatThrownBy(() -> run().open())
        .isExactlyInstanceOf(IOException.class)
        .hasMessageStartingWith("it answers with no id of the experiment ");
    assertThat(server.calls()).containsExactly("experiments/get-by-name");
  }

  @Test
  void thePageOfARunIsAnAddressWhateverItsIdHolds() throws Exception {
    server.answer("experiments/get-by-name", "{\"experiment\":{\"experiment_id\":\"a#b%\"}}");
    server.answer("runs/create", "{\"run\":{\"info\":{\"run_id\":\"<c>/d?\"}}}");
    server.answer("runs/log-batch", "{}");
    MlflowRun run = run();

    run.open();

    assertThat(run.page())
        .hasToString(server.address() + "/#/experiments/a%23b%25/runs/%3Cc%3E%2Fd%3F");
  }

  @Test
  void aLongConfigurationTakesSeveralCallsAndLongValuesAreCut() throws Exception {
    Map<String, String> params = new TreeMap<>();
    for (int i = 0; i < 250; i++) {
      params.put("key-" + i, "value");
    }
    params.put("long", "x".repeat(499) + "\uD83D\uDE00" + "x");
    params.put("a:b$c", "odd");

    run(target(server.address(), params)).open();

    assertThat(stored().params())
        .hasSize(252)
        .containsEntry("key-249", "value")
        .containsEntry("long", "x".repeat(499) + "…")
        .containsEntry("a_b_c", "odd");
  }

  /** Parameters cannot be changed there. */
  @Test
  void aRunThatGoesOnWithOtherValuesKeepsThoseItBeganWith() throws Exception {
    run(target(server.address(), Map.of("training.threads", "1"))).open();

    run(target(server.address(), Map.of("training.threads", "2"))).open();

    assertThat(stored().params()).containsEntry("training.threads", "1");
  }

  /** The server may have failed between the two calls, and the run been continued otherwise. */
  @Test
  void aRunThatGoesOnWithOtherValuesIsToldThoseThatAreMissing() throws Exception {
    writeSteps(1, 3, 0);
    server.beUnheard("runs/log-batch");
    MlflowRun begun = run(target(server.address(), Map.of("a:b", "1", "training.threads", "1")));
    assertThatThrownBy(begun::open).isInstanceOf(IOException.class);
    Map<String, String> values = Map.of("a:b", "2", "seed", "7", "training.threads", "2");

    run(target(server.address(), values)).tell(3);

    assertThat(stored().params())
        .isEqualTo(Map.of("a_b", "1", "seed", "7", "training.threads", "1"));
    assertThat(stored().steps("train/loss")).isEqualTo(upTo(3));
  }

  @Test
  void anotherServerIsToldAllOfTheRun() throws Exception {
    writeSteps(1, 3, 0);
    run().tell(3);
    try (TrackingServer other = TrackingServer.start()) {
      run(target(other.address(), Map.of())).tell(3);

      assertThat(other.runs().get(0).steps("train/loss")).isEqualTo(upTo(3));
    }
  }

  @Test
  void theEndIsToldAndARunThatGoesOnIsRunningAgain() throws Exception {
    writeSteps(1, 3, 0);
    MlflowRun run = run();
    run.tell(3);
    run.end(Status.KILLED);
    assertThat(stored().status()).isEqualTo("KILLED");

    MlflowRun again = run();
    again.open();
    assertThat(stored().status()).isEqualTo("RUNNING");

    again.end(Status.FINISHED);
    assertThat(stored().status()).isEqualTo("FINISHED");
  }

  @Test
  void aRunThatIsNotThereAnyMoreIsNotBegunAgain() throws Exception {
    run().open();
    server.loseRuns();

    assertThatThrownBy(() -> run().open())
        .isInstanceOf(MlflowRefusal.class)
        .hasMessage(
            "it has no run 00000000000000000000000000000001 any more (without mlflow.json in the output another one is begun)");
  }

  @Test
  void aFileOfANewerBuildIsNotReplaced() throws IOException {
    Path file = output.resolve("mlflow.json");
    Files.writeString(file, "{\"format\":2}");

    assertThatThrownBy(() -> run().open())
        .isInstanceOf(MlflowRefusal.class)
        .hasMessageEndingWith("mlflow.json has format 2; this build reads format 1");
    assertThat(file).hasContent("{\"format\":2}");
  }

  /** Read by later builds: what it holds must not change by accident. */
  @Test
  void whatWasToldIsKeptInTheOutput() throws Exception {
    writeSteps(1, 3, 0);
    writeEvaluations(2);
    run().tell(3);

    assertThat(
            MlflowServer.JSON.readTree(Files.readString(output.resolve("mlflow.json"))).toString())
        .matches(
            "\\{\"format\":1,\"tracking-uri\":\"%s\",\"experiment\":\"trials\",\"key\":\"[0-9a-f-]{36}\",\"run-id\":\"0{31}1\",\"described\":true,\"steps\":3,\"steps-in-metrics\":\\{\"file\":\"metrics.jsonl\",\"bytes\":[0-9]{3}},\"validations\":0,\"evaluations\":2,\"status\":\"RUNNING\"}"
                .formatted(server.address()));
  }
}
