package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.StoredPoint;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PreparedRunTest extends PreparedRunCase {
  @Test
  void startsOverOnDemandAndLosesNothing() throws IOException {
    prepare(LATEST);
    Files.writeString(output.resolve("metrics.jsonl"), "{}\n");
    Files.createDirectories(output.resolve("model-epoch-0001"));
    Files.writeString(output.resolve("notes.txt"), "the user's");
    Files.writeString(images.resolve("new.jpg"), "arrived later");

    PreparedRun run = prepare(Resume.parse("none"), "encoder.depth=2");

    assertThat(run.catalog().size()).isEqualTo(11);
    assertThat(said).singleElement().asString().startsWith("moved the earlier run to " + output);
    assertThat(output.resolve("metrics.jsonl")).doesNotExist();
    assertThat(output.resolve("model-epoch-0001")).doesNotExist();
    assertThat(output.resolve("notes.txt")).exists();
    try (Stream<Path> aside = Files.list(output)) {
      assertThat(aside.filter(path -> path.getFileName().toString().startsWith("previous-")))
          .singleElement()
          .satisfies(path -> assertThat(path.resolve("metrics.jsonl")).hasContent("{}"));
    }
  }

  /**
   * On a cluster, and with an output in object storage, that is in a folder for temporary files.
   */
  @Test
  void forgetsWhatARunOfTheSameNameWasDecodingThatIsNotThereAnyMore() throws IOException {
    PreparedRun first = prepare(LATEST);
    Path left = Path.of(System.getProperty("java.io.tmpdir"), first.folder().suspectsElsewhere());
    Files.writeString(left, "chunks");

    prepare(LATEST);
    assertThat(left).as("of this run").exists();

    prepare(Resume.parse("none"));
    assertThat(left).as("of the one before").doesNotExist();
  }

  @Test
  void worksInAnOutputWhateverElseIsInIt() throws IOException {
    for (Path parent :
        List.of(output, output.resolve("checkpoints"), output.resolve("savepoints"))) {
      Files.createDirectories(parent);
      Files.writeString(parent.resolve("notes 10:20.txt"), "the user's");
      Files.createSymbolicLink(parent.resolve("nowhere"), folder.resolve("gone"));
    }
    prepare(LATEST);
    assertThat(prepare(LATEST).restore()).isEmpty();

    prepare(Resume.parse("none"));

    assertThat(said).singleElement().asString().startsWith("moved the earlier run to " + output);
    assertThat(output.resolve("notes 10:20.txt")).exists();
  }

  @Test
  void refusesAnotherConfigurationWithAllDifferingKeys() {
    prepare(LATEST);

    assertThatThrownBy(() -> prepare(LATEST, "encoder.depth=2", "seed=5", "parallelism=2"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the run in %s has another configuration (--resume none starts over; or choose another"
                + " --output): encoder.depth: 1 in the checkpoint, 2 now; seed: 0 in the"
                + " checkpoint, 5 now",
            output);
  }

  @Test
  void refusesTheOutputOfAFineTuning() throws IOException {
    prepare(LATEST);
    Path record = output.resolve("run.json");
    Files.writeString(
        record,
        Files.readString(record)
            .replace("\"seed\" : \"0\"", "\"seed\" : \"0\", \"finetune.mixup\" : \"0.8\""));

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage("the output %s holds a fine-tuning: name another one", output);
  }

  @Test
  void aCompleteRunKeepsItsConfiguration() throws IOException {
    prepare(LATEST);
    writeModel();
    String before = Files.readString(output.resolve("config.resolved.yaml"));

    assertThat(prepare(LATEST, "parallelism=7").state()).isEqualTo(PreparedRun.State.COMPLETE);
    assertThat(output.resolve("config.resolved.yaml")).hasContent(before);
  }

  @Test
  void refusesAnotherMaskStrategy() {
    prepare(LATEST);

    assertThatThrownBy(() -> prepare(LATEST, "mask.strategy=square", "mask.square-place=central"))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith(
            "mask.square-place: random in the checkpoint, central now; mask.strategy: random in the"
                + " checkpoint, square now");
  }

  @Test
  void refusesAMaskFileThatIsNotThereBeforeAnythingIsTouched() {
    Path file = folder.resolve("mask.txt");

    assertThatThrownBy(
            () -> prepare(Resume.parse("none"), "mask.strategy=file", "mask.file='" + file + "'"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("mask.file cannot be read: " + file);
    assertThat(output).doesNotExist();
  }

  @Test
  void leavesNothingOfACommandWhoseInputIsNotThere() {
    Path nowhere = folder.resolve("imagse");
    assertRefusedWithoutAnOutput(
        List.of(nowhere.toString()), "input does not exist or may not be read: file:" + nowhere);
    assertRefusedWithoutAnOutput(List.of(), "--input is missing");
  }

  private void assertRefusedWithoutAnOutput(List<String> input, String message) {
    Path mistyped = folder.resolve("mistyped");
    SimmimConfig config =
        new ConfigLoader()
            .preset("vit-tiny")
            .input(input)
            .output(mistyped.toString())
            .load()
            .config();

    assertThatThrownBy(() -> Leases.prepare(config, LATEST, Optional.empty(), line -> {}))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(message);
    assertThat(mistyped).doesNotExist();
  }

  @Test
  void saysWhereARunThatWasMovedCanContinue() throws IOException {
    prepare(LATEST);
    Path began = output;
    output = folder.resolve("archive");
    Files.move(began, output);

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the run in %s continues only where it began, in %s (catalog does not exist: file:%s/catalog): move it back"
                .formatted(output, began, began));

    // A run in its place has another list.
    Files.createDirectories(began);
    Files.writeString(began.resolve("catalog"), "another");
    assertThatThrownBy(() -> prepare(LATEST))
        .hasMessageStartingWith(
            "the run in %s continues only where it began, in %s (".formatted(output, began));
  }

  @Test
  void seesThatARunIsComplete() throws IOException {
    prepare(LATEST);
    writeModel();

    PreparedRun run = prepare(LATEST);

    assertThat(run.state()).isEqualTo(PreparedRun.State.COMPLETE);
    assertThat(run.model()).isEqualTo(output + "/model");
  }

  @Test
  void isNotCompleteBeforeTheLineOfItsLastStepIfItCanGoOn() throws IOException {
    prepare(LATEST);
    writeModel();
    Path point =
        StoredPoint.write(output.resolve("checkpoints/" + "1".repeat(32) + "/chk-3"), 1000);
    for (String lines : List.of("", "{\"step\":3}\n", "{\"step\":3}\n{\"step\":4}")) {
      Files.writeString(output.resolve("metrics.jsonl"), lines);

      PreparedRun run = prepare(LATEST);

      assertThat(run.state()).as(lines).isEqualTo(PreparedRun.State.TO_RUN);
      assertThat(run.restore().map(found -> found.path().getPath())).hasValue(point.toString());
    }
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":3}\n{\"step\":4}\n");
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.COMPLETE);
  }

  /** What was rejected, measured or validated comes to its file when it wants. */
  @Test
  void isNotCompleteBeforeACheckpointOfItsLastStepIfItCanGoOnFromAnEarlierOne() throws IOException {
    prepare(LATEST);
    writeModel();
    Path checkpoint = output.resolve("checkpoints/" + "1".repeat(32) + "/chk-3");
    StoredPoint.write(checkpoint, 1000);
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":3}\n{\"step\":4}\n");
    Path costs = output.resolve("checkpoints.jsonl");
    Files.writeString(costs, "{\"checkpoint\":3,\"step\":3}\n");
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.TO_RUN);

    Files.writeString(costs, "{\"checkpoint\":3,\"step\":3}\n{\"checkpoint\":4,\"step\":4}\n");
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.COMPLETE);
  }

  /** Flink has deleted the checkpoints of a job that came to its end; savepoints stay. */
  @Test
  void isCompleteWhereOnlySavepointsAreLeftWhateverLinesOfCheckpointsThereAre() throws IOException {
    prepare(LATEST);
    writeModel();
    StoredPoint.write(output.resolve("savepoints/savepoint-1"), 1000);
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":4}\n");
    Files.writeString(output.resolve("checkpoints.jsonl"), "{\"checkpoint\":3,\"step\":3}\n");

    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.COMPLETE);
  }

  @Test
  void refusesFewerImagesThanABatch() {
    assertThatThrownBy(() -> prepare(LATEST, "training.accumulation=3"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the data set has fewer images than one batch of 12 (training.micro-batch 4 x training.accumulation 3):"
                + " 10");
    assertThat(output.resolve("catalog")).doesNotExist();
  }

  @Test
  void refusesACatalogThatWasChanged() throws IOException {
    prepare(LATEST);
    byte[] catalog = Files.readAllBytes(output.resolve("catalog"));
    catalog[catalog.length / 2]++;
    Files.write(output.resolve("catalog"), catalog);

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("catalog file:%s/catalog is damaged: ".formatted(output));
  }

  @Test
  void refusesAnOutputThatAnotherRunWritesTo() throws IOException {
    PreparedRun run =
        PreparedRun.prepare(config(), LATEST, Optional.empty(), Leases.claim(), said::add);
    long catalog = Files.getLastModifiedTime(output.resolve("catalog")).toMillis();

    assertThatThrownBy(() -> prepare(Resume.parse("none")))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "another run is writing to the output %s (stop it, choose another --output, or take it"
                    .formatted(output)
                + " over with --force): process %d on ".formatted(ProcessHandle.current().pid()));
    assertThat(Files.getLastModifiedTime(output.resolve("catalog")).toMillis()).isEqualTo(catalog);
    run.lease().close();
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.TO_RUN);
  }

  /** A JobManager with high availability does so when it takes over from another. */
  @Test
  void aProgramThatIsStartedAgainForItsJobTouchesNothing() throws IOException {
    LeaseTaking.Claim claim = Leases.claim(LeaseTaking.Holder.SUBMITS_THE_JOB, Takeover.IF_DEAD);
    PreparedRun first = PreparedRun.prepare(config(), LATEST, Optional.empty(), claim, said::add);
    first.lease().leave();
    Path underWay =
        Files.createDirectories(output.resolve("checkpoints/" + "1".repeat(32) + "/chk-3"));

    PreparedRun again =
        PreparedRun.prepare(config(), Resume.parse("none"), Optional.empty(), claim, said::add);

    assertThat(again.catalog()).isEqualTo(first.catalog());
    assertThat(said).isEmpty();
    assertThat(underWay).exists();
    again.lease().close();
    prepare(LATEST);
    assertThat(underWay).doesNotExist();
  }

  @Test
  void refusesAMissingInput() {
    assertThatThrownBy(
            () -> prepareWith(new ConfigLoader().output(output.toString()).load().config()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--input is missing (allowed: folders, images or tar shards on any Flink file system)");
  }

  @Test
  void refusesAMissingOutput() {
    assertThatThrownBy(() -> prepareWith(new ConfigLoader().load().config()))
        .isInstanceOf(UserError.class)
        .hasMessage("--output is missing (allowed: a folder on any Flink file system)");
  }

  @Test
  void refusesAnOutputThatIsAFile() throws IOException {
    Files.writeString(output, "a file");

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage("output must be a folder: " + output);
  }

  @Test
  void aCheckpointGivenToFlinkGoesBeforeTheNewest() {
    assertThatThrownBy(
            () -> Leases.prepare(config(), LATEST, Optional.of(folder + "/nothing"), said::add))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("or the folder of a checkpoint or savepoint: " + folder + "/nothing");
  }
}
