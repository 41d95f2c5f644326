package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.images.Photographs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands tell of the output of a run on images that keep arriving. */
class ContinuousOutputTest {
  @TempDir private Path folder;
  private Path images;
  private Path output;

  /** 20 images came; 15 of them are new in the 8 chunks of 4 steps that were planned. */
  @BeforeEach
  void beginARun() throws IOException {
    images = folder.resolve("images");
    output = folder.resolve("output");
    Photographs.draw(images, 20);
    prepare("continuous.follow=true");
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(0, 0.5, 2, 2));
    try (Stream<Path> files = Files.walk(images)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        log.add(
            new ArrivedImage("file:" + file, 0, Files.size(file), "", "", "l:1", "listing", 1000));
      }
    }
    for (int chunk = 0; chunk < 8; chunk++) {
      log.decide(chunk < 7 ? 2 : 1);
    }
    ArrivalLogFiles.begin(new org.apache.flink.core.fs.Path(output.toUri() + "/arrivals"), log)
        .write(1);
    ContinuousCheckpoints.write(output.resolve("savepoints/savepoint-1"), 8, 1000);
  }

  private void prepare(String... assignments) {
    Leases.prepare(
        new ConfigLoader()
            .preset("vit-tiny")
            .set(List.of("encoder.depth=1", "training.micro-batch=4", "training.chunk-images=2"))
            .set(List.of(assignments))
            .input(List.of(images.toString()))
            .output(output.toString())
            .load()
            .config(),
        Resume.parse("latest"),
        Optional.empty(),
        line -> {});
  }

  private static String command(String... arguments) {
    return InThisProcess.run(List.of(arguments)).orFail().output();
  }

  @Test
  void showsAStepOfTheStepsThatTheRunEndsAfter() {
    String[] show = {
      "show", output.toString(), "--step", "3", "--images", "1", "--to", folder + "/step.png"
    };
    assertThat(command(show)).startsWith("step 3 of a run without end (epoch 1), 4 images\n");

    prepare("continuous.decay-steps=5");

    assertThat(command(show)).startsWith("step 3 of 9 (epoch 1), 4 images\n");
  }

  @Test
  void countsWhatWasTrainedOnApartFromWhatIsPlanned() throws IOException {
    assertThat(command("catalog", "count", output.toString()))
        .contains(
            "\ntrained on 0 as new ones, in 0 chunks of 2 images (0 steps); 15 are given to the"
                + " next steps, 5 are waiting\n");
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":1}\n{\"step\":2}\n");
    assertThat(command("catalog", "count", output.toString()))
        .contains(
            "\ntrained on 8 as new ones, in 4 chunks of 2 images (2 steps); 7 are given to the"
                + " next steps, 5 are waiting\n");
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":9}\n");
    assertThat(command("catalog", "count", output.toString()))
        .contains(
            "\ntrained on 15 as new ones, in 8 chunks of 2 images (4 steps); 0 are given to the"
                + " next steps, 5 are waiting\n");

    assertThat(command("catalog", "count", output + "/arrivals"))
        .contains(
            "\ngiven to steps 15 as new ones, in 8 chunks of 2 images (4 steps); 5 are waiting\n");
  }
}
