package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A folder that grows, followed by {@code bin/simmim}, as its users see it. */
@Timeout(400)
class FollowITCase {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir private Path work;

  @Test
  void trainsOnWhatArrivesAndEndsOnDemand() throws Exception {
    Path config = Workload.prepare(work, 2).config();
    Path drawn = work.resolve("drawn");
    Photographs.draw(drawn, 72);
    Path folder = Files.createDirectories(work.resolve("growing"));
    RunOutput output = new RunOutput(work.resolve("run"));
    CommandLine simmim = new CommandLine("follow");

    move(drawn.resolve("even"), folder); // 36 images
    List<String> follow = follow(config, folder, output);
    try (ChildProcess process = simmim.start(follow)) {
      awaitStep(process, output, 2);
      move(drawn.resolve("odd"), folder);
      // Chunks of 4: one of 4 new images, then 34 of 2; 6 chunks are a step.
      awaitStep(process, output, 5);
      process.terminate();
      assertThat(process.await(LIMIT).output())
          .contains("following file:" + folder, "without end", "saved in ");
    }

    List<String> end = new ArrayList<>(follow);
    end.remove("--follow");
    end.addAll(List.of("--decay-steps", "2"));
    assertThat(InThisProcess.run(end).orFail().output())
        .contains("ends after step 8, decaying from step 6")
        .endsWith(output.path() + "/model\n");
    assertThat(output.lastStep()).isEqualTo(8);
    assertThat(InThisProcess.run(end).orFail().output()).contains("already complete");

    replaysAStepOfTheDecay(output);

    assertThat(catalog("count", output).orFail().output())
        .contains(
            "images     72",
            "trained on 72 as new ones",
            "(8 steps); 0 are given to the next steps, 0 are waiting");
    assertThat(catalog("verify", output).orFail().output())
        .contains("72 images in ")
        .contains(": ok\nthe part that " + output.path());
    List<String> listed = catalog("list", output).orFail().output().lines().toList();
    assertThat(listed).hasSize(72).allMatch(line -> line.contains("\tstep "));
    assertThat(listed.stream().map(line -> line.split("\t", -1)[4]).distinct()).hasSize(72);

    trainsOnWhatWasCollected(config, output);
  }

  private void replaysAStepOfTheDecay(RunOutput output) {
    String picture = work.resolve("step-8.png").toString();
    String shown =
        InThisProcess.run(
                List.of(
                    "show",
                    output.path().toString(),
                    "--step",
                    "8",
                    "--replay",
                    "--to",
                    picture,
                    "--images",
                    "1"))
            .orFail()
            .output();

    assertThat(shown)
        .contains("the same to the last bit")
        .containsPattern("losses of the weights of step 8, replayed from .*\\(step [567]\\)");
  }

  /** Two epochs of 3 steps of 24 of the 72 images. */
  private void trainsOnWhatWasCollected(Path config, RunOutput collected) {
    RunOutput output = new RunOutput(work.resolve("finite"));
    String log = collected.path().resolve("arrivals").toString();

    assertThat(
            InThisProcess.run(
                    List.of(
                        "pretrain",
                        "--input",
                        log,
                        "--output",
                        output.path().toString(),
                        "--config",
                        config.toString()))
                .orFail()
                .output())
        .contains(
            "72 images, 6 steps of 24 images in 2 epochs", " in 72 requests; a checkpoint has ");
    assertThat(output.model()).exists();
    assertThat(catalog("count", output).orFail().output()).contains("images     72");
  }

  private static CommandResult catalog(String what, RunOutput output) {
    return InThisProcess.run(List.of("catalog", what, output.path().toString()));
  }

  private static List<String> follow(Path config, Path folder, RunOutput output) {
    return List.of(
        "pretrain",
        "--input",
        folder.toString(),
        "--output",
        output.path().toString(),
        "--config",
        config.toString(),
        "--set",
        "continuous.follow-interval=200ms",
        "--set",
        "continuous.epoch-steps=5",
        "--follow");
  }

  private static void move(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.move(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void awaitStep(ChildProcess process, RunOutput output, long step) {
    Awaitility.await("step " + step)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !process.isAlive() || output.lastStep() >= step);
    assertThat(process.isAlive()).as(process::errors).isTrue();
  }
}
