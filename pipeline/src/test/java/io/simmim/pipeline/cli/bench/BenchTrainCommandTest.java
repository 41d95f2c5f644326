package io.simmim.pipeline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BenchTrainCommandTest {
  private static final Pattern LOSS = Pattern.compile("loss ([0-9.]+)");

  @Test
  void timesTheClassifierOfAFinetuning() {
    // Of 1000 classes that it cannot tell apart yet. The loss of masked images is below 3.
    assertThat(loss("finetune-tiny")).isCloseTo(Math.log(1000), within(1.0));
  }

  @Test
  void timesTheModelOfAPretraining() {
    assertThat(loss("vit-tiny")).isBetween(0.1, 3.0);
  }

  @Test
  void aSettingCountsMoreThanTheDefaultOfAnOption() {
    assertThat(
            InThisProcess.run(
                    List.of(
                        "bench train --preset vit-tiny --batch 1 --steps 1 --set training.threads=1 --set"
                            .concat(" training.precision=bf16 --set encoder.depth=1")
                            .split(" ")))
                .output())
        .contains("vit-tiny, batch 1, bf16 on cpu, 1 threads, loss ");
    assertThat(
            InThisProcess.run(
                    List.of("bench", "train", "--preset", "vit-tiny", "--set", "training.device=x"))
                .errors())
        .contains("training.device must be cpu or gpu0, gpu1 …: x");
  }

  private static double loss(String preset) {
    List<String> arguments =
        new ArrayList<>(List.of("bench", "train", "--preset", preset, "--batch", "4"));
    arguments.addAll(List.of("--steps", "1", "--threads", "1", "--set", "image.size=96"));
    arguments.addAll(List.of("--set", "encoder.embed-dim=24", "--set", "encoder.depth=2"));
    arguments.addAll(List.of("--set", "encoder.num-heads=3"));

    CommandResult result = InThisProcess.run(arguments);

    assertThat(result.exitCode()).as(result.toString()).isZero();
    assertThat(result.output()).contains(preset + ", batch 4, fp32 on cpu, 1 threads, loss ");
    Matcher loss = LOSS.matcher(result.output());
    assertThat(loss.find()).isTrue();
    return Double.parseDouble(loss.group(1));
  }
}
