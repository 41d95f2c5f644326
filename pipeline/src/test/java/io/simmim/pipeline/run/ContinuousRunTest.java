package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContinuousRunTest {
  private static final String FOLLOW = "continuous.follow=true";
  private static final String EVENTS = "continuous.events=kafka://127.0.0.1:9092/news";
  private static final String BUCKET = "s3n://bucket/images";
  private static final Resume LATEST = Resume.parse("latest");

  @TempDir private Path folder;
  private Path images;
  private List<String> input;
  private Path output;

  @BeforeEach
  void makeFolders() throws IOException {
    images = Files.createDirectories(folder.resolve("images"));
    input = List.of(images.toString());
    output = folder.resolve("output");
  }

  private SimmimConfig config(String... assignments) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(List.of("encoder.depth=1", "training.micro-batch=4", "training.chunk-images=2"))
        .set(List.of(assignments))
        .input(input)
        .output(output.toString())
        .load()
        .config();
  }

  private PreparedRun prepare(String... assignments) {
    return prepare(LATEST, assignments);
  }

  private PreparedRun prepare(Resume resume, String... assignments) {
    return Leases.prepare(config(assignments), resume, Optional.empty(), line -> {});
  }

  private static Optional<Decay> decay(PreparedRun run) {
    return ((RunImages.Arriving) run.images()).decay();
  }

  private Path checkpoint(String name, long nextChunk, long millis) throws IOException {
    return ContinuousCheckpoints.write(output.resolve(name), nextChunk, millis);
  }

  /** Writes the model so many seconds after the run was last started. */
  private void export(long seconds) throws IOException {
    PreparedRunCase.writeModel(output);
    Path weights = output.resolve("model/model.safetensors");
    FileTime start = Files.getLastModifiedTime(output.resolve("run.json"));
    Files.setLastModifiedTime(
        weights, FileTime.from(start.toInstant().plus(Duration.ofSeconds(seconds))));
  }

  private void lastLine(long step) throws IOException {
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":%d}\n".formatted(step));
  }

  @Test
  void beginsWithoutImagesAndWithoutEnd() {
    PreparedRun run = prepare(FOLLOW, "continuous.follow-interval=5s");
    RunImages.Arriving arriving = (RunImages.Arriving) run.images();

    assertThat(run.plan().isEndless()).isTrue();
    assertThat(run.restore()).isEmpty();
    assertThat(run.state()).isEqualTo(PreparedRun.State.TO_RUN);
    assertThat(arriving.source().inputs()).containsExactly("file:" + images);
    assertThat(arriving.source().excludedFolders()).containsExactly("file:" + output);
    assertThat(arriving.source().followInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(arriving.source().events()).isNull();
    assertThat(ContinuousInputs.line(arriving, run))
        .isEqualTo(
            "following file:%s; steps of 4 images, 50 %% of them replayed; without end"
                + " (--decay-steps N ends it); output %s",
            images, output);
    assertThat(output.resolve("catalog")).doesNotExist();
    assertThat(run.identity().values())
        .containsEntry("continuous.replay-share", "0.5")
        .containsEntry("continuous.epoch-steps", "1000")
        .containsEntry("schedule.type", "constant")
        .doesNotContainKeys("training.epochs", "data.shuffle", "continuous.follow");
  }

  @Test
  void needsAFolderToFollowButNoneForEvents() throws IOException {
    Files.delete(images);

    assertThatThrownBy(() -> prepare(FOLLOW))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("input does not exist or may not be read: file:" + images);
    input = List.of(BUCKET);
    PreparedRun run = prepare(EVENTS);
    assertThat(((RunImages.Arriving) run.images()).source().inputs()).containsExactly(BUCKET);
    assertThatThrownBy(
            () ->
                Leases.prepare(
                    new ConfigLoader()
                        .set(List.of(EVENTS))
                        .output(folder.resolve("other").toString())
                        .load()
                        .config(),
                    LATEST,
                    Optional.empty(),
                    line -> {}))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("--input is missing (allowed: folders on any Flink file system");
  }

  @Test
  void staysOfItsKind() throws IOException {
    prepare(FOLLOW);
    assertThatThrownBy(() -> prepare())
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the run in %s is a continuous one: --follow, --events or --decay-steps continues it",
            output);
    input = List.of(BUCKET);
    assertThat(prepare(EVENTS).state()).isEqualTo(PreparedRun.State.TO_RUN);
    input = List.of(images.toString());
    for (int i = 0; i < 10; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
    output = folder.resolve("finite");
    prepare("schedule.warmup-epochs=0");
    assertThatThrownBy(() -> prepare(FOLLOW))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the run in %s is one over a list of images: it continues without --follow, --events"
                + " and --decay-steps",
            output);
  }

  @Test
  void refusesEventsOfWhatIsNotOnS3() throws IOException {
    String message =
        "--events tells of objects on S3, where this --input is not: file:%s (allowed: s3://bucket/prefix;"
            + " --follow lists any file system)";
    assertThatThrownBy(() -> prepare(EVENTS))
        .isInstanceOf(UserError.class)
        .hasMessage(message, images);
    assertThatThrownBy(() -> prepare(EVENTS, FOLLOW)).hasMessage(message, images);
    Path bucket = Files.createDirectories(folder.resolve("bucket"));
    input = List.of(images.toString(), "s3n:" + bucket);
    assertThatThrownBy(() -> prepare(EVENTS)).hasMessage(message, images);

    assertThat(prepare(EVENTS, FOLLOW).state()).isEqualTo(PreparedRun.State.TO_RUN);
  }

  @Test
  void refusesAnotherReplayShare() {
    prepare(FOLLOW);

    assertThatThrownBy(() -> prepare(FOLLOW, "continuous.replay-share=0.25"))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("continuous.replay-share: 0.5 in the checkpoint, 0.25 now");
    assertThat(prepare(FOLLOW, "continuous.when-idle=replay", "training.epochs=3").state())
        .isEqualTo(PreparedRun.State.TO_RUN);
  }

  @Test
  void remembersItsDecayAndKnowsItsEnd() throws IOException {
    prepare(FOLLOW);
    assertThatThrownBy(() -> prepare("continuous.decay-steps=5"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("--decay-steps ends a continuous run, but there is no checkpoint");
    Path savepoint = checkpoint("savepoints/savepoint-1", 20, 1000);
    PreparedRun ending = prepare("continuous.decay-steps=5");
    assertThat(decay(ending)).contains(new Decay(10, 5));
    assertThat(ending.plan().totalSteps()).isEqualTo(15);
    Path within = checkpoint("checkpoints/job/chk-8", 24, 2000);
    assertThat(decay(prepare(FOLLOW))).contains(new Decay(10, 5));
    assertThat(prepare(FOLLOW).state()).isEqualTo(PreparedRun.State.TO_RUN);
    export(0);
    checkpoint("checkpoints/job/chk-9", 30, System.currentTimeMillis() + 60_000);
    lastLine(14);
    assertThat(prepare("continuous.decay-steps=5").state()).isEqualTo(PreparedRun.State.TO_RUN);
    export(0);
    lastLine(15);

    assertThat(prepare("continuous.decay-steps=5").state()).isEqualTo(PreparedRun.State.COMPLETE);
    Files.delete(within.resolve("_metadata"));
    PreparedRun complete = prepare("continuous.decay-steps=5");
    assertThat(complete.state()).isEqualTo(PreparedRun.State.COMPLETE);
    assertThat(decay(complete)).contains(new Decay(10, 5));
    Files.delete(savepoint.resolve("_metadata"));
    assertThat(prepare("continuous.decay-steps=5").state()).isEqualTo(PreparedRun.State.COMPLETE);
    assertThat(prepare(FOLLOW).state()).isEqualTo(PreparedRun.State.COMPLETE);
  }

  @Test
  void goesBackBehindItsEndAndEndsAgain() throws IOException {
    prepare(FOLLOW);
    Path savepoint = checkpoint("savepoints/savepoint-1", 20, 1000);
    prepare("continuous.decay-steps=5");
    export(-1);
    lastLine(15);
    PreparedRun back = prepare(Resume.parse(savepoint.toString()), FOLLOW);
    assertThat(back.state()).isEqualTo(PreparedRun.State.TO_RUN);
    assertThat(back.plan().isEndless()).isTrue();
    checkpoint("savepoints/savepoint-2", 40, 3000);

    PreparedRun again = prepare("continuous.decay-steps=5");
    assertThat(decay(again)).contains(new Decay(20, 5));
    assertThat(again.state()).isEqualTo(PreparedRun.State.TO_RUN);
    checkpoint("checkpoints/job/chk-9", 44, 4000);
    assertThat(prepare("continuous.decay-steps=5").state()).isEqualTo(PreparedRun.State.TO_RUN);
    export(1);
    lastLine(25);
    assertThat(prepare("continuous.decay-steps=5").state()).isEqualTo(PreparedRun.State.COMPLETE);
  }
}
