package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.EmbedCommand;
import io.simmim.pipeline.command.RandomModel;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.Resume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/simmim embed} does to an output that something else is in already. */
@Timeout(300)
class EmbedOutputITCase {
  @TempDir static Path work;
  private static Path images;

  @BeforeAll
  static void prepare() throws IOException {
    images = work.resolve("images");
    Photographs.draw(images, 8);
    RandomModel.write(work.resolve("model"));
  }

  @Test
  void leavesTheOutputOfARunAsItIs() throws IOException {
    Path output = beginRun("run");
    Map<Path, Integer> before = content(output);
    Path others = work.resolve("others");
    Photographs.draw(others, 3);

    CommandResult refused = embed(output, others);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors())
        .isEqualTo(
            "simmim: the output %s holds a run (run.json): name another one (see docs/embed.md)\n"
                .formatted(output));
    assertThat(content(output)).isEqualTo(before);
  }

  /** Its parts would be taken for the run's when the move goes on. */
  @Test
  void leavesTheOutputOfARunAsItIsWhileThatIsMovedAside() throws IOException {
    Path output = beginRun("moved");
    Files.move(output.resolve("run.json"), output.resolve("moving.json"));
    Map<Path, Integer> before = content(output);

    assertThat(embed(output, images).errors()).contains("holds a run (moving.json)");
    assertThat(content(output)).isEqualTo(before);
  }

  @Test
  void isLeftAsItIsByTrainingWhateverIsToBeResumed() throws IOException {
    Path output = work.resolve("embedded");
    embed(output, images).orFail();
    Map<Path, Integer> before = content(output);

    for (String resume : List.of("latest", "none")) {
      CommandResult refused =
          InThisProcess.run(
              List.of(
                  "pretrain",
                  "--input",
                  images.toString(),
                  "--output",
                  output.toString(),
                  "--preset",
                  "vit-tiny",
                  "--resume",
                  resume));

      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.errors())
          .isEqualTo(
              "simmim: the output %s holds embeddings (embed.json): name another one\n"
                  .formatted(output));
      assertThat(content(output)).isEqualTo(before);
    }
  }

  @Test
  void holdsTheImagesOfOneInputAndRefusesAnother() throws IOException {
    Path output = work.resolve("one-input");
    embed(output, images.resolve("odd"), images.resolve("even")).orFail();

    CommandResult again = embed(output, images.resolve("even"), images.resolve("odd")).orFail();
    CommandResult refused = embed(output, images);

    assertThat(again.output()).contains("already complete");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors())
        .isEqualTo(
            "simmim: the output holds other embeddings (name another one): input was file:%1$s/even, file:%1$s/odd and is file:%1$s (see docs/configuration.md#what-is-taken-from-an-input)\n"
                .formatted(images));
  }

  @Test
  void goesOnWithAnOutputOfABuildThatDidNotNoteTheInput() throws IOException {
    Path output = work.resolve("earlier-build");
    embed(output, images).orFail();
    Path record = output.resolve("embed.json");
    Files.writeString(record, Files.readString(record).replaceAll("  \"input\" : .*\n", ""));

    assertThat(embed(output, images).orFail().output()).contains("already complete");
  }

  private static Path beginRun(String name) throws IOException {
    Path output = work.resolve(name);
    Leases.prepare(
        new ConfigLoader()
            .preset("vit-tiny")
            .set(List.of("training.micro-batch=4", "schedule.warmup-epochs=0"))
            .input(List.of(images.toString()))
            .output(output.toString())
            .load()
            .config(),
        Resume.parse("latest"),
        Optional.empty(),
        line -> {});
    Files.writeString(output.resolve("rejected.jsonl"), "{\"uri\":\"a\"}\n");
    return output;
  }

  private static CommandResult embed(Path output, Path... inputs) {
    List<String> command =
        EmbedCommand.of(
            work.resolve("model"), inputs[0].toString(), output, "--set", "parallelism=1");
    Stream.of(inputs)
        .skip(1)
        .forEach(input -> command.addAll(List.of("--input", input.toString())));
    return InThisProcess.run(command);
  }

  /**
   * All files with a number that stands for their bytes; without checkpoints, which Flink deletes
   * in its own time.
   */
  private static Map<Path, Integer> content(Path folder) throws IOException {
    Map<Path, Integer> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = folder.relativize(file);
        if (name.startsWith("checkpoints")) {
          continue;
        }
        content.put(name, Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return content;
  }
}
