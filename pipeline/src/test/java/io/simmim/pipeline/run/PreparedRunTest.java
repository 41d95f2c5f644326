package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.StoredPoint;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedRunTest {
  private static final Resume LATEST = Resume.parse("latest");

  @TempDir private Path folder;
  private Path images;
  private Path output;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void makeImages() throws IOException {
    images = Files.createDirectories(folder.resolve("images"));
    output = folder.resolve("output");
    for (int i = 0; i < 10; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
  }

  @Test
  void listsTheImagesOnceAndKeepsTheList() throws IOException {
    PreparedRun first = prepare(LATEST);
    Files.writeString(images.resolve("new.jpg"), "arrived later");
    PreparedRun second = prepare(LATEST);

    assertThat(first.catalog().size()).isEqualTo(10);
    assertThat(second.catalog()).isEqualTo(first.catalog());
    assertThat(second.plan().totalSteps()).isEqualTo(2 * 2);
    assertThat(second.restore()).isEmpty();
    assertThat(output.resolve("config.resolved.yaml"))
        .content()
        .contains("micro-batch: 4", "input:\n    - " + images);
  }

  @Test
  void knowsWhatItReadsOfStorage() {
    RunSize size = prepare(LATEST).size(config());

    assertThat(size.epochRequests()).isEqualTo(8);
    assertThat(size.epochBytes()).isEqualTo(8L * "not read here".length());
  }

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

  /** Flink's own local file system gives up a folder for a name with a colon or a lost link. */
  @Test
  void listsAFolderWhateverElseIsInIt() throws IOException {
    Files.writeString(images.resolve("2024-05-01T10:20:30.jpg"), "an image");
    Files.writeString(images.resolve("notes 10:20.txt"), "the user's");
    Files.createDirectories(images.resolve("day 2024:05"));
    Files.writeString(images.resolve("day 2024:05/1.jpg"), "an image");
    Files.createSymbolicLink(images.resolve("nowhere"), folder.resolve("gone"));

    assertThat(prepare(LATEST).catalog().size()).isEqualTo(12);
  }

  @Test
  void saysOnceWhatIsNotUsed() throws IOException {
    Files.writeString(images.resolve("._0.jpg"), "macOS");
    Files.writeString(images.resolve("old\\10.jpg"), "an image");
    Files.writeString(images.resolve("all.tgz"), "an archive");

    PreparedRun run = prepare(LATEST);
    prepare(LATEST);

    assertThat(run.catalog().size()).isEqualTo(11);
    assertThat(said)
        .containsExactly(
            "skipped hidden files and folders (named .*, __MACOSX or lost+found): 1, the first is file:%s/._0.jpg"
                .formatted(images),
            "skipped archives, of which no part can be read alone (unpack them; gunzip makes a .tar of a .tar.gz): 1, the first is file:%s/all.tgz"
                .formatted(images),
            "1 of 11 images cannot be used, rejected.jsonl will say which; the first: file:%s/old\\10.jpg: Flink cannot read a name with a backslash: rename it"
                .formatted(images));
  }

  @Test
  void takesLogsOfArrivalsOrImagesAsInputsButNotBoth() throws IOException {
    Path log = writeLog(folder.resolve("arrivals 10:20"));
    Files.createSymbolicLink(log.resolve("nowhere"), folder.resolve("gone"));
    Files.writeString(log.resolve("notes 10:20.txt"), "the user's");

    assertThatThrownBy(() -> prepareWith(configOf(List.of(images.toString(), log.toString()))))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--input must be logs of continuous runs or images, not both: %s, %s", images, log);
    PreparedRun run = prepareWith(configOf(List.of(log.toString())));

    assertThat(run.catalog().size()).isEqualTo(8);
  }

  /** What a continuous run has collected. */
  private static Path writeLog(Path folder) throws IOException {
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(0, 0.5, 2, 2));
    for (int i = 0; i < 8; i++) {
      log.add(new ArrivedImage("file:/photos/%d.jpg".formatted(i), 0, 9, "", "", "l:9", "l", i));
    }
    ArrivalLogFiles.begin(new org.apache.flink.core.fs.Path(folder.toString()), log).write(1);
    return folder;
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
  void refusesOtherImages() throws IOException {
    prepare(LATEST);
    String before = Files.readString(output.resolve("config.resolved.yaml"));
    Path others = folder.resolve("others");

    for (boolean complete : new boolean[] {false, true}) {
      if (complete) {
        writeModel();
      }
      assertThatThrownBy(() -> prepareWith(configOf(List.of(others.toString()))))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "the run in %s has other images (without --input it goes on with its own; --resume none"
                  + " starts over; or choose another --output): --input was %s and is %s",
              output, images, others);
    }
    assertThat(output.resolve("config.resolved.yaml")).hasContent(before);
  }

  @Test
  void keepsItsImagesInWhateverOrderTheyAreGivenOrNone() throws IOException {
    Path more = Files.createDirectories(folder.resolve("more"));
    Files.writeString(more.resolve("10.jpg"), "not read here");
    PreparedRun first = prepareWith(configOf(List.of(images.toString(), more.toString())));

    assertThat(prepareWith(configOf(List.of(more + "/", "file:" + images))).catalog())
        .isEqualTo(first.catalog());
    assertThat(prepareWith(configOf(List.of())).catalog()).isEqualTo(first.catalog());
    assertThat(StoredImages.read(output.toString(), config()).inputs())
        .containsExactly("file:" + images, "file:" + more);
    assertThat(output.resolve("config.resolved.yaml"))
        .content()
        .contains("input:\n    - file:%s\n    - file:%s\n".formatted(images, more));
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

  private void writeModel() throws IOException {
    Files.createDirectories(output.resolve("model"));
    Files.writeString(output.resolve("model/model.safetensors"), "weights");
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
    Files.createDirectories(output.resolve("model"));
    Files.writeString(output.resolve("model/model.safetensors"), "weights");
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

  private PreparedRun prepare(Resume resume, String... assignments) {
    return Leases.prepare(config(assignments), resume, Optional.empty(), said::add);
  }

  private PreparedRun prepareWith(SimmimConfig config) {
    return Leases.prepare(config, LATEST, Optional.empty(), said::add);
  }

  private SimmimConfig config(String... assignments) {
    return configOf(List.of(images.toString()), assignments);
  }

  private SimmimConfig configOf(List<String> inputs, String... assignments) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(
            List.of(
                "encoder.depth=1",
                "schedule.warmup-epochs=0",
                "training.epochs=2",
                "training.micro-batch=4"))
        .set(List.of(assignments))
        .input(inputs)
        .output(output.toString())
        .load()
        .config();
  }
}
