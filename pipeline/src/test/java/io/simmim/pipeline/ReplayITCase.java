package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.schemas.ImageRef;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Steps of a run that is over, and has no checkpoint any more, are trained again from its
 * beginning: by MAE, among images of which one cannot be decoded and three are noise. {@link
 * LocalResumeITCase} replays from checkpoints, and where branches are dropped, {@link FollowITCase}
 * images that arrived.
 */
@Timeout(300)
class ReplayITCase {
  private static final int SIZE = 64;
  private static final int BATCH = 8;
  private static final int STEPS = 40;

  /** The step that is to have the noise. */
  private static final int POISONED = 38;

  private static final List<String> CONFIG =
      List.of(
          "objective.type=mae",
          "objective.decoder-embed-dim=24",
          "objective.decoder-depth=1",
          "objective.decoder-num-heads=3",
          "image.size=" + SIZE,
          "mask.patch-size=8",
          "encoder.patch-size=8",
          "encoder.embed-dim=48",
          "encoder.depth=2",
          "encoder.num-heads=3",
          "encoder.absolute-position=true",
          "encoder.relative-position-bias=none",
          "encoder.layer-scale-init=0",
          "encoder.drop-path-rate=0",
          "training.epochs=1",
          "training.micro-batch=" + BATCH / 2,
          "training.accumulation=2",
          "training.threads=1",
          "schedule.base-learning-rate=0.3",
          "schedule.warmup-epochs=0");

  @TempDir static Path work;
  private static final List<String> poison = new ArrayList<>();
  private static RunOutput output;

  @BeforeAll
  static void train() throws IOException {
    Path images = Files.createDirectories(work.resolve("images"));
    for (int i = 0; i < STEPS * BATCH; i++) {
      draw(images.resolve("%03d.png".formatted(i)), i, 8);
    }
    Files.writeString(images.resolve("005.png"), "This is no PNG.");
    // Which images a step has depends on their number alone.
    Path planned = work.resolve("planned");
    SimmimConfig config =
        new ConfigLoader()
            .set(CONFIG)
            .input(List.of(images.toString()))
            .output(planned.toString())
            .load()
            .config();
    Leases.prepare(config, Resume.parse("latest"), Optional.empty(), line -> {});
    StoredRun run = StoredRun.read(planned.toString(), List.of());
    for (int i = 1; i <= 3; i++) {
      String name = run.chunksOf(POISONED).get(0).images().get(i).name();
      poison.add(name.substring(name.lastIndexOf('/') + 1));
      draw(images.resolve(poison.get(i - 1)), i, 255);
    }
    output = new RunOutput(work.resolve("run"));
    List<String> arguments = new ArrayList<>(List.of("pretrain"));
    arguments.addAll(List.of("--input", images.toString(), "--output", output.path().toString()));
    CONFIG.forEach(assignment -> arguments.addAll(List.of("--set", assignment)));
    InThisProcess.run(arguments).orFail();
    assertThat(output.metrics().get(POISONED - 2).path("rejected_images").asInt()).isEqualTo(1);
  }

  /** Noise of some levels around gray. */
  private static void draw(Path file, long seed, int levels) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        int level = 128 + (random.nextInt(2) * 2 - 1) * levels / 2;
        image.setRGB(x, y, Math.min(level, 255) * 0x010101);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private static CommandResult show(String... options) {
    List<String> arguments = new ArrayList<>(List.of("show", output.path().toString()));
    arguments.addAll(List.of("--to", work.resolve("step.png").toString()));
    arguments.addAll(List.of(options));
    return InThisProcess.run(arguments);
  }

  @Test
  void namesTheImagesOfASpikeTheWorstFirst() throws IOException {
    String shown = show("--spike", "--replay", "--images", "4").orFail().output();

    assertThat(shown)
        .contains(
            "step %d: loss ".formatted(POISONED),
            "replaying %d steps from the beginning of the run".formatted(POISONED),
            "the same to the last bit",
            "losses of the weights of step %d, replayed from the beginning of the run, %d steps"
                .formatted(POISONED, POISONED));
    List<String> listed = Files.readAllLines(work.resolve("step.txt"));
    assertThat(listed).hasSize(2 + BATCH);
    assertThat(listed.subList(2, 5))
        .map(line -> line.split("\t", -1)[5].replaceAll(".*/", ""))
        .containsExactlyInAnyOrderElementsOf(poison);
  }

  /** Nothing is dropped in this run, and each image counts the same. */
  @Test
  void theLossesOfTheImagesAreOfTheWeightsThatTheStepHad() throws IOException {
    int step = 6;
    show("--step", Integer.toString(step), "--replay").orFail();

    double mean =
        Files.readAllLines(work.resolve("step.txt")).stream()
            .skip(2)
            .mapToDouble(line -> Double.parseDouble(line.split("\t", -1)[2]))
            .average()
            .orElseThrow();
    List<JsonNode> metrics = output.metrics();
    double loss = metrics.get(step - 1).path("loss").asDouble();
    assertThat(mean).isCloseTo(loss, within(1e-4)); // four decimals are listed
    assertThat(metrics.get(step - 2).path("loss").asDouble() - loss).isGreaterThan(1e-2);
  }

  @Test
  void comparesWithWhatTheRunTold() throws IOException {
    Path metrics = output.path().resolve("metrics.jsonl");
    String before = Files.readString(metrics);
    JsonNode fifth = output.metrics().get(4);
    double other = Math.nextUp(fifth.path("loss").asDouble());
    Files.writeString(
        metrics, before.replace(fifth.path("loss").asText() + ",", Double.toString(other) + ","));
    try {
      assertThat(show("--step", "4", "--replay").orFail().output())
          .contains(": the same to the last bit");
      assertThat(show("--step", "6", "--replay").orFail().output())
          .containsPattern(
              "replayed loss .*, run's .*: steps differ from step 5 on; replayed with");
    } finally {
      Files.writeString(metrics, before);
    }
  }

  @Test
  void refusesWhatCannotBeReplayed() throws IOException {
    assertThat(show("--step", "3", "--from", work.toString()).errors())
        .contains("--from must be the folder of a checkpoint or savepoint: " + work);
    assertThat(show("--step", "3", "--replay", "--model", "x").errors())
        .contains("--replay has the weights of the step; it goes without --model: x");
    Path gone = work.resolve("images/" + poison.get(0));
    Path away = work.resolve("away.png");
    Files.move(gone, away);
    try {
      assertThat(show("--step", Integer.toString(POISONED + 1), "--replay").errors())
          .contains(
              "step %d cannot be trained again: %d of its images could be used then, %d can be now; file:%s: "
                  .formatted(POISONED, BATCH, BATCH - 1, gone));
    } finally {
      Files.move(away, gone);
    }
  }

  /** As of a run that used an image in one epoch, and rejected it in another one. */
  @Test
  void namesAnImageThatTheRunRejectedAtAnotherStep() throws IOException {
    ImageRef used =
        StoredRun.read(output.path().toString(), List.of())
            .chunksOf(POISONED)
            .get(0)
            .images()
            .get(1);
    Path rejected = output.path().resolve("rejected.jsonl");
    String before = Files.readString(rejected);
    Files.writeString(
        rejected, before + "{\"sample_id\":%d,\"reason\":\"gone\"}\n".formatted(used.sampleId()));
    try {
      assertThat(show("--step", Integer.toString(POISONED), "--replay").errors())
          .contains(
              "step %d cannot be trained again: %d of its images could be used then, %d can be now; %s: rejected by the run at another step"
                  .formatted(POISONED, BATCH, BATCH - 1, used.uri()));
    } finally {
      Files.writeString(rejected, before);
    }
  }
}
