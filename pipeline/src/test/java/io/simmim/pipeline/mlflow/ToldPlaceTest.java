package io.simmim.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mlflow.api.proto.Service.Metric;

/** Whoever goes on begins at the line of the last step that was told, if it is still there. */
@Timeout(60)
class ToldPlaceTest extends MlflowRunCase {
  /** The lines before it may be a million; one of them would be told here if it were read. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoeverGoesOnReadsFromTheLineOfTheLastStepThatWasTold(boolean segmented) throws Exception {
    writeSteps(1, 5, 0);
    Path metrics = output.resolve("metrics.jsonl");
    if (segmented) {
      Path only = Files.move(metrics, output.resolve("moved"));
      Files.createDirectory(metrics);
      metrics = Files.move(only, metrics.resolve("00000003.jsonl"));
    }
    run().tell(5);
    String lines = Files.readString(metrics);

    String other = lines.replaceFirst("\"step\":3", "\"step\":7");
    Files.writeString(metrics, other + line(6, 0) + line(7, 0));
    run().tell(7);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(7));
    assertThat(stored().history("train/loss").get(6).getValue()).isEqualTo(1.0 / 7);
  }

  /** As when the run went back, or somebody changed a file. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"bytes\" : 0",
        "\"bytes\" : 7",
        "\"bytes\" : 999999",
        "\"bytes\" : -1",
        "\"bytes\" : 0, \"file\" : \"other.jsonl\""
      })
  void whoeverFindsAnotherLineThereReadsFromTheBeginning(String place) throws Exception {
    writeSteps(1, 9, 0);
    run().tell(5);
    Path told = output.resolve("mlflow.json");
    String text = Files.readString(told);
    assertThat(text).containsPattern("\"bytes\" : [1-9][0-9]+");
    Files.writeString(told, text.replaceFirst("\"bytes\" : [0-9]+", place));

    run().tell(9);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(9));
  }

  /** Else the steps between would never be told. */
  @Test
  void whoeverFindsTheLineOfALaterStepThereReadsFromTheBeginning() throws Exception {
    writeSteps(1, 9, 0);
    run().tell(5);
    Path told = output.resolve("mlflow.json");
    int eighth = Files.readString(output.resolve("metrics.jsonl")).indexOf("{\"step\":8,");
    Files.writeString(
        told, Files.readString(told).replaceFirst("\"bytes\" : [0-9]+", "\"bytes\" : " + eighth));

    run().tell(9);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(9));
  }

  /** Lines of other lengths: where that of a step was there is none, or that of another. */
  @ParameterizedTest
  @ValueSource(longs = {3, 9})
  void aRunThatWentBackTellsItsStepsOnce(long steps) throws Exception {
    writeSteps(1, 5, 0);
    run().tell(5);
    writeSteps(1, steps, 123);

    run().tell(steps);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(Math.max(5, steps)));
  }

  /** A task may begin to tell before that of the metrics has dropped what is taken again. */
  @Test
  void linesThatAreDroppedAfterTheFirstLookLeaveNoStepOut() throws Exception {
    writeSteps(1, 150, 123);
    run().tell(150);
    MlflowRun later = run();
    later.tell(0);
    writeSteps(1, 300, 0);

    later.tell(300);

    assertThat(stored().steps("train/loss")).isEqualTo(upTo(300));
  }

  @Test
  void anEvaluationThatComesAfterARestartHasTheTimeOfItsStep() throws Exception {
    writeSteps(1, 9, 0);
    run().tell(9);
    MlflowRun later = run();
    later.tell(9);
    writeEvaluations(2, 4, 8);
    later.tell(9);

    assertThat(stored().history("evaluation/effective_rank"))
        .extracting(Metric::getTimestamp)
        .containsExactly(time(2), time(4), time(8));
  }
}
