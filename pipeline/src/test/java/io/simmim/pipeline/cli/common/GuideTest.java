package io.simmim.pipeline.cli.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuideTest {
  @Test
  void everySectionIsInTheDocs() throws IOException {
    for (String section : Guide.sections()) {
      String[] parts = section.split("#", 2);
      Path file = Path.of("..", parts[0]);

      assertThat(file).exists();
      if (parts.length == 2) {
        assertThat(anchors(file)).as(section).contains(parts[1]);
      }
    }
  }

  /** As GitHub makes them of headings. */
  private static List<String> anchors(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pretrain | mask.patch-size must divide image.size 192: 28 | docs/configuration.md#keys",
        "pretrain | continuous.decay-steps must be from 0 to 1000000000: -1 |"
            + " docs/configuration.md#images-that-keep-arriving",
        "pretrain | --input is missing (allowed: folders) |"
            + " docs/configuration.md#what-is-taken-from-an-input",
        "pretrain | no image (.jpg, .jpeg, .png, or in .tar) under photos |"
            + " docs/configuration.md#what-is-taken-from-an-input",
        "pretrain | no file system for hdfs://a/b (allowed: a path) |"
            + " docs/configuration.md#object-storage",
        "pretrain | the run in /data/gpu0/input has another configuration |"
            + " docs/configuration.md#what-may-change-when-a-run-is-resumed",
        "pretrain | preset must be one of a, b: c | docs/recipes.md",
        "knn | model/config.json does not describe a model: it is no JSON: Unexpected end-of-input |"
            + " docs/evaluation.md#nearest-neighbours",
        "probe | --epochs must be 1 to 100000: 0 | docs/evaluation.md#linear-probe",
        "knn | --device must be cpu or gpu0, gpu1 …: tpu | docs/gpu.md#one-command"
      })
  void aMistakeIsExplainedBySomeSection(String command, String message, String section) {
    assertThat(Guide.section(command, message)).contains(section);
  }

  @Test
  void whatWouldHaveBeenAllowedIsNotWhatIsWrong() {
    assertThat(
            Guide.section(
                "pretrain", "unknown argument of simmim pretrain: -x (allowed: --resume, --input)"))
        .isEmpty();
  }
}
