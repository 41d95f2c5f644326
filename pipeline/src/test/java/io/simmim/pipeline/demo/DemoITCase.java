package io.simmim.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.job.TrainingRun.Place;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo, cut short. */
@Timeout(240)
class DemoITCase {
  private static final Pattern LOSS =
      Pattern.compile("loss +([0-9.]+) over the first 20 steps, ([0-9.]+) over the last");

  @TempDir private Path folder;
  private Path output;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void chooseAName() {
    output = folder.resolve("demo 10:20 #1");
  }

  @Test
  void trainsDrawsAndNamesWhatItWrote() throws Exception {
    run();

    Matcher loss = LOSS.matcher(String.join("\n", said));
    assertThat(loss.find()).isTrue();
    assertThat(Double.parseDouble(loss.group(2))).isLessThan(Double.parseDouble(loss.group(1)));
    assertThat(Files.readAllLines(output.resolve("metrics.jsonl"))).hasSize(5 * 12);
    assertThat(output.resolve("model/model.safetensors")).isNotEmptyFile();
    BufferedImage grid = ImageIO.read(output.resolve("reconstructions.png").toFile());
    assertThat(List.of(grid.getWidth(), grid.getHeight())).containsExactly(1004, 304);
    assertThat(said)
        .contains("model        " + output.resolve("model"))
        .anyMatch(line -> line.matches("report: http://localhost:[0-9]+/"))
        .contains(
            "report       "
                + output.resolve("report.html").toUri()
                + " (to be opened in a browser)")
        .contains("metrics      " + output.resolve("metrics.jsonl"));

    said.clear();
    run();

    assertThat(said)
        .contains("already complete: all 60 steps are done")
        .endsWith("to train again: remove the folder, or choose another with --output");
  }

  private void run() throws Exception {
    new Demo(output, List.of("training.epochs=5"), said::add).run(Place.EMBEDDED);
  }
}
