package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.files.Gate;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.HistogramsOfRun;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/simmim finetune}: begins with a model, is killed, and goes on as if nothing was. */
@Timeout(600)
class FinetuneITCase {
  private static final int EPOCHS = 8;
  private static final List<Long> HISTOGRAMS = List.of(6L, 12L, 16L);

  /** 36 images, of which one cannot be read, in steps of 2 x 8. */
  private static final int STEPS_PER_EPOCH = 2;

  @TempDir private Path work;

  /** Files of the images, one of which is none. */
  private static final int FILES = 36;

  @Test
  void endsWithTheSameBytesAndAccuraciesWhenKilledAndContinuedAtAnotherParallelism()
      throws Exception {
    prepare();
    RunOutput before = new RunOutput(work.resolve("pretrained"));
    InThisProcess.run(pretrain(before)).orFail();
    RunOutput undisturbed = new RunOutput(work.resolve("undisturbed"));
    CommandResult first = InThisProcess.run(finetune(before, undisturbed, 1)).orFail();
    RunOutput killed = new RunOutput(work.resolve("killed"));
    kill(finetune(before, killed, 1), killed);

    CommandResult second = InThisProcess.run(finetune(before, killed, 2)).orFail();

    killed.assertSameAs(undisturbed);
    HistogramsOfRun.assertOnce(killed, HISTOGRAMS);
    HistogramsOfRun.assertSameAs(undisturbed, killed);
    List<String> lines = validation(undisturbed);
    assertThat(lines).hasSize(EPOCHS);
    assertThat(validation(killed)).isEqualTo(lines);
    assertThat(last(first)).matches("top-1 [0-9.]+ %, top-5 100.00 %, images 12");
    assertThat(last(second)).isEqualTo(last(first));
    for (String name : List.of("model.safetensors", "config.json")) {
      assertThat(killed.path().resolve("model-best").resolve(name))
          .hasSameBinaryContentAs(undisturbed.path().resolve("model-best").resolve(name));
    }
    List<String> replay = List.of("show", undisturbed.path().toString(), "--step", "1", "--replay");
    assertThat(InThisProcess.run(replay).errors())
        .contains("--replay is for runs of pre-training: in a fine-tuning images are mixed");
    assertThat(Files.readAllLines(undisturbed.path().resolve("per-class.csv")))
        .hasSize(3)
        .startsWith("class,images,top1,top5");
    assertThat(InThisProcess.run(finetune(before, killed, 2)).orFail().output())
        .contains("already complete")
        .endsWith(last(first) + System.lineSeparator());
  }

  private void prepare() throws IOException {
    Photographs.draw(work.resolve("train/dots"), 18);
    Photographs.draw(work.resolve("train/lines"), 17);
    Files.writeString(work.resolve("train/lines/no-image.jpg"), "This is not a JPEG.");
    Photographs.draw(work.resolve("test/dots"), 5);
    Photographs.draw(work.resolve("test/lines"), 7);
    Files.writeString(
        work.resolve("config.yaml"),
        """
        seed: 7
        image:
          size: 64
        schedule:
          base-learning-rate: 1.0e-2
          warmup-epochs: 0
        training:
          micro-batch: 8
          chunk-images: 4
          threads: 1
        checkpoint:
          interval: 300ms
        fetch:
          concurrency: 1
        """);
  }

  private List<String> pretrain(RunOutput output) {
    return List.of(
        "pretrain",
        "--input",
        work.resolve("train").toString(),
        "--output",
        output.path().toString(),
        "--config",
        work.resolve("config.yaml").toString(),
        "--set",
        "mask.patch-size=16",
        "--set",
        "encoder.patch-size=16",
        "--set",
        "encoder.embed-dim=24",
        "--set",
        "encoder.depth=2",
        "--set",
        "encoder.num-heads=2",
        "--set",
        "training.epochs=1");
  }

  private List<String> finetune(RunOutput model, RunOutput output, int parallelism) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "finetune",
                "--model",
                model.path().toString(),
                "--input",
                GatedFiles.uri(work.resolve("train")),
                "--validation",
                work.resolve("test").toString(),
                "--output",
                output.path().toString(),
                "--config",
                work.resolve("config.yaml").toString()));
    for (String assignment :
        List.of(
            "training.epochs=" + EPOCHS,
            "training.accumulation=2",
            "finetune.tables=true",
            "tensorboard.histograms-every-steps=6",
            "parallelism=" + parallelism)) {
      arguments.add("--set");
      arguments.add(assignment);
    }
    return arguments;
  }

  /** After the first of its epochs, of which it cannot train all. */
  private void kill(List<String> command, RunOutput output) throws IOException {
    Gate gate = Gate.of(work.resolve("train"));
    gate.closeAfter(EPOCHS / 2 * FILES);
    CommandLine simmim = new CommandLine("finetune", GatedFiles.environment());
    try (ChildProcess process = simmim.start(command)) {
      Awaitility.await("an epoch")
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !process.isAlive() || output.lastStep() >= STEPS_PER_EPOCH);
      assertThat(process.isAlive()).as(process::errors).isTrue();
      process.kill();
    }
    gate.open();
    assertThat(output.lastStep()).isLessThan((long) EPOCHS * STEPS_PER_EPOCH);
  }

  /** The lines without the time. */
  private static List<String> validation(RunOutput output) throws IOException {
    return Files.readAllLines(output.path().resolve("validation.jsonl")).stream()
        .map(line -> line.replaceFirst(",\"time\".*", ""))
        .toList();
  }

  private static String last(CommandResult result) {
    List<String> lines = result.output().lines().toList();
    return lines.get(lines.size() - 1);
  }
}
