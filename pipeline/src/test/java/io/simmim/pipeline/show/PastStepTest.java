package io.simmim.pipeline.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.image.ImagePath;
import io.simmim.pipeline.OtherDigits;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.replay.PastImages;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.show.PastStep.Order;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
class PastStepTest {
  private static final int SIZE = 96;
  private static final int CELL = SIZE + 4;
  private static final int IMAGES = 25;

  /** 3 steps in each of 2 epochs. */
  private static final int BATCH = 8;

  private static final int GRAY = 0xFF808080;

  private static final Weights AT_HAND = new Weights.AtHand(Optional.empty(), "cpu");

  @TempDir private Path folder;
  private final List<String> said = new ArrayList<>();
  private Path images;
  private Path output;
  private SimmimConfig config;

  @BeforeEach
  void beginARun() throws IOException {
    images = folder.resolve("images");
    output = folder.resolve("output");
    Photographs.draw(images, IMAGES - 1);
    Files.writeString(images.resolve("broken.jpg"), "no JPEG");
    config = config();
    Leases.prepare(config, Resume.parse("latest"), Optional.empty(), line -> {});
  }

  private SimmimConfig config(String... assignments) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(
            List.of(
                "encoder.depth=1",
                "encoder.embed-dim=24",
                "training.threads=1",
                "training.epochs=2",
                "schedule.warmup-epochs=1",
                "training.micro-batch=4",
                "training.accumulation=2",
                "training.chunk-images=2"))
        .set(List.of(assignments))
        .input(List.of(images.toString()))
        .output(output.toString())
        .load()
        .config();
  }

  @Test
  void drawsTheSamplesOfTheStepAndListsThem() throws Exception {
    show(5, 8, Order.BY_PLACE);

    assertThat(said)
        .hasSize(2 + BATCH + 3)
        .contains(
            "step 5 of 6 (epoch 2), 8 images",
            "8 of 8 images, 8 beside each other; rows: crop, masked (no model is at hand: none is"
                + " exported yet, --model names one)");
    assertThat(Files.readAllLines(folder.resolve("step.txt")))
        .isEqualTo(said.subList(0, 2 + BATCH));
    BufferedImage picture = ImageIO.read(folder.resolve("step.png").toFile());
    assertThat(picture.getWidth()).isEqualTo(8 * CELL + 4);
    assertThat(picture.getHeight()).isEqualTo(2 * CELL + 4);
    List<TensorChunk> samples = samples(5);
    for (int column = 0; column < BATCH; column++) {
      assertShows(picture, column, samples.get(column));
    }
  }

  @Test
  void leavesCellsOfImagesThatCannotBeUsedEmptyAndSaysWhy() throws Exception {
    long step = stepWith("broken.jpg");
    Files.writeString(
        output.resolve("rejected.jsonl"),
        "{\"uri\":\"x\",\"reason\":\"ended two processes\",\"sample_id\":%d}%n"
            .formatted(idOf(step, 0)));

    show(step, BATCH, Order.BY_PLACE);

    assertThat(said.get(2)).endsWith("\tended two processes");
    assertThat(said.subList(2, 2 + BATCH))
        .anyMatch(line -> line.contains("broken.jpg\t") && !line.endsWith("\t"));
    BufferedImage picture = ImageIO.read(folder.resolve("step.png").toFile());
    assertThat(picture.getRGB(4 + 1, 4)).isEqualTo(0xFFE8E8E8);
    assertThat(picture.getRGB(4 + 1, 4 + CELL)).isEqualTo(0xFFE8E8E8);
  }

  /** Names of members of shards and of objects may be anything. */
  @Test
  @ExtendWith(OtherDigits.class)
  void listsAnImageOnOneLineAndTellsTheTerminalNothingWhateverItsName() throws Exception {
    Files.move(images.resolve("broken.jpg"), images.resolve("a\tb\nc\u001b[2Jd.jpg"));
    output = folder.resolve("other");
    config = config();
    Leases.prepare(config, Resume.parse("latest"), Optional.empty(), line -> {});

    show(stepWith("d.jpg"), BATCH, Order.BY_PLACE);

    List<String> lines = Files.readAllLines(folder.resolve("step.txt"));
    assertThat(lines.get(0)).matches("step [1-6] of 6 \\(epoch [12]\\), 8 images");
    assertThat(lines)
        .hasSize(2 + BATCH)
        .anyMatch(line -> line.contains("/a\\u{9}b\\u{a}c\\u{1b}[2Jd.jpg\t"));
    assertThat(lines.subList(1, lines.size())).allMatch(line -> line.split("\t", -1).length == 7);
  }

  @Test
  void triesAgainToReadAnImageAndNamesOneThatIsDenied() throws Exception {
    beginARunOnBrittleStorage();
    List<String> names = batch(1).stream().map(image -> name(image.ref().name())).toList();
    BrittleFileSystem.failFirstOpens(names.get(0));
    try {
      show(1, BATCH, Order.BY_PLACE);
    } finally {
      BrittleFileSystem.heal();
    }

    assertThat(said.subList(2, 2 + BATCH))
        .filteredOn(line -> !line.endsWith("\t"))
        .allMatch(line -> line.contains("broken.jpg\t") || line.contains(names.get(0) + "\t"))
        .anyMatch(line -> line.endsWith("\tpermission denied"));
  }

  /** A step has thousands of images, each of which would wait for its attempts. */
  @Test
  void triesOnceOnlyWhenStorageHasBeenAway() throws Exception {
    beginARunOnBrittleStorage();
    BrittleFileSystem.failAfter(0, "no route to host");
    try {
      assertThatThrownBy(() -> show(1, BATCH, Order.BY_PLACE))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("none of the first 8 images of the step can be shown; ")
          .hasMessageContaining("cannot be read now: cannot read ")
          .hasMessageEndingWith(" in 3 attempts: no route to host");
      assertThat(BrittleFileSystem.operations()).isEqualTo(3 + BATCH - 1);
    } finally {
      BrittleFileSystem.heal();
    }
  }

  private void beginARunOnBrittleStorage() throws IOException {
    output = folder.resolve("brittle");
    Leases.prepare(
        new ConfigLoader()
            .stored(ConfigText.yaml(config), "config.yaml")
            .set(List.of("fetch.attempts=3", "fetch.backoff=1ms"))
            .input(List.of("hdfs:" + images))
            .output(output.toString())
            .load()
            .config(),
        Resume.parse("latest"),
        Optional.empty(),
        line -> {});
  }

  private static String name(String uri) {
    return uri.substring(uri.lastIndexOf('/') + 1);
  }

  @Test
  void measuresEachImageWithTheRunsOwnModelAndPutsTheWorstFirst() throws Exception {
    TrainerConfig trainer = config.trainer(ClusterColors.NONE);
    List<Double> expected = new ArrayList<>();
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer)
          .write(new org.apache.flink.core.fs.Path(output.resolve("model").toUri()), snapshot);
      for (TensorChunk sample : samples(2)) {
        if (sample.size() > 0) {
          model.accumulate(MicroBatch.of(List.of(sample)), 0, 1);
        }
      }
      for (double loss : model.losses()) {
        expected.add(loss);
      }
    }

    show(2, 3, Order.WORST_FIRST);

    assertThat(said.get(0))
        .contains("; losses of " + output.resolve("model") + ", not of the step's");
    assertThat(said)
        .contains(
            "3 of 8 images, 3 beside each other; rows: crop, masked, prediction, prediction pasted in");
    List<Double> listed =
        Files.readAllLines(folder.resolve("step.txt")).stream()
            .skip(2)
            .map(line -> line.split("\t", -1)[2])
            .filter(loss -> !loss.equals("-"))
            .map(Double::valueOf)
            .toList();
    expected.sort(Comparator.reverseOrder());
    assertThat(listed).hasSameSizeAs(expected);
    for (int i = 0; i < listed.size(); i++) {
      assertThat(listed.get(i)).isCloseTo(expected.get(i), within(1e-4));
    }
    BufferedImage picture = ImageIO.read(folder.resolve("step.png").toFile());
    assertThat(picture.getHeight()).isEqualTo(4 * CELL + 4);
  }

  @Test
  void refusesWhatCannotBeShown() throws IOException {
    assertRefused(() -> show(0, 1, Order.BY_PLACE), "the run has no step 0 (allowed: 1 to 6)");
    assertRefused(() -> show(7, 1, Order.BY_PLACE), "the run has no step 7 (allowed: 1 to 6)");
    assertRefused(() -> show(1, 65, Order.BY_PLACE), "--images must be 1 to 64: 65");
    assertRefused(() -> picture("step.jpg", 1), "--to must be a .png file: step.jpg");
    Path nothing = folder.resolve("nothing");
    String noRun = "no run in %s (allowed: the output of a run)";
    assertRefused(() -> StoredRun.read(nothing.toString(), List.of()), noRun.formatted(nothing));
    assertThat(nothing).doesNotExist();
    assertRefused(() -> StoredRun.read(images.toString(), List.of()), noRun.formatted(images));
    Path closed = folder.resolve("closed");
    Files.createSymbolicLink(closed, closed);
    assertThatThrownBy(() -> StoredRun.read(closed.toString(), List.of()))
        .hasMessageStartingWith("cannot read %s: %s".formatted(closed, closed));
    assertRefused(
        () -> StoredRun.read(output.toString(), List.of("mask.ratio=0.5")),
        "the samples of the run in %s cannot be made again: mask.ratio: 0.6 in the checkpoint, 0.5 now"
            .formatted(output));
    assertRefused(
        () -> SpikeList.show(StoredRun.read(output.toString(), List.of()), said::add),
        "%s must have more than 16 steps to tell which of them stand out: 0"
            .formatted(output.resolve("metrics.jsonl")));
  }

  /** A default in place of what the run had would be told as another configuration. */
  @Test
  void namesWhatADamagedConfigurationOfTheRunLacks() throws IOException {
    Path file = output.resolve("config.resolved.yaml");
    String text = Files.readString(file);

    Files.writeString(file, text.replaceAll("(?m)^  (depth|micro-batch): .*\\R", ""));
    assertRefused(
        () -> StoredRun.read(output.toString(), List.of()),
        file + " is damaged: it lacks encoder.depth, training.micro-batch");

    Files.writeString(file, " \n");
    assertRefused(
        () -> StoredRun.read(output.toString(), List.of()), file + " is damaged: it is empty");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessage(message);
  }

  private void show(long step, int most, Order order) throws IOException, InterruptedException {
    new PastStep(folder.resolve("step.png").toString(), most, AT_HAND, order)
        .run(StoredRun.read(output.toString(), List.of()), step, said::add);
  }

  private static PastStep picture(String target, int most) {
    return new PastStep(target, most, AT_HAND, Order.BY_PLACE);
  }

  private List<StepImage> batch(long step) {
    StoredRun run = StoredRun.read(output.toString(), List.of());
    return StepImage.of(run.chunksOf(step), Map.of());
  }

  private List<TensorChunk> samples(long step) {
    StoredRun run = StoredRun.read(output.toString(), List.of());
    try (ImagePath path = SamplePath.of(config).open();
        PastImages stored = new PastImages(run)) {
      return batch(step).stream().map(image -> image.load(path, stored)).toList();
    }
  }

  /** A step that has an image of that name, but not in its first place. */
  private long stepWith(String name) {
    for (long step = 1; step <= 6; step++) {
      if (batch(step).stream().skip(1).anyMatch(image -> image.ref().name().endsWith(name))) {
        return step;
      }
    }
    throw new AssertionError("no step has " + name);
  }

  private long idOf(long step, int index) {
    return batch(step).get(index).ref().sampleId();
  }

  private static void assertShows(BufferedImage picture, int column, TensorChunk sample) {
    for (int y = 0; sample.size() > 0 && y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        int rgb = 0xFF;
        for (int channel = 0; channel < 3; channel++) {
          rgb = rgb << 8 | (sample.pixels()[(channel * SIZE + y) * SIZE + x] & 0xFF);
        }
        int patch = SIZE / sample.maskSide();
        boolean masked = sample.masks()[y / patch * sample.maskSide() + x / patch] != 0;
        assertThat(picture.getRGB(4 + column * CELL + x, 4 + y)).isEqualTo(rgb);
        assertThat(picture.getRGB(4 + column * CELL + x, 4 + CELL + y))
            .isEqualTo(masked ? GRAY : rgb);
      }
    }
  }
}
