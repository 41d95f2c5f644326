package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.EmbedCommand;
import io.simmim.pipeline.command.RandomModel;
import io.simmim.pipeline.files.Gate;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.EmbeddedRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/simmim embed} has each image once in its files, wherever it is killed. */
@Timeout(600)
class EmbedITCase {
  private static final int PICTURES = 20;
  private static final int COPIES = 10;

  @TempDir static Path work;
  private static Path images;

  @BeforeAll
  static void prepare() throws IOException {
    images = work.resolve("images");
    Path drawn = work.resolve("drawn");
    Photographs.draw(drawn, PICTURES);
    for (String folder : List.of("even", "odd")) {
      Files.createDirectories(images.resolve(folder));
      try (Stream<Path> files = Files.list(drawn.resolve(folder))) {
        for (Path file : files.toList()) {
          for (int copy = 0; copy < COPIES; copy++) {
            Files.copy(file, images.resolve(folder).resolve(copy + "-" + file.getFileName()));
          }
        }
      }
    }
    Files.writeString(images.resolve("odd/broken.jpg"), "no image");
    RandomModel.write(work.resolve("model"));
  }

  @Test
  void hasEachImageOnceAfterAKillAtAnotherParallelism() throws Exception {
    Path output = work.resolve("killed");
    Gate.of(images).closeAfter(PICTURES * COPIES * 3 / 4);
    CommandLine simmim = new CommandLine("embed", GatedFiles.environment());
    try (ChildProcess process = simmim.start(command(output, "parallelism=1"))) {
      Awaitility.await("the first file")
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !process.isAlive() || EmbeddedRows.of(output).count() > 0);
      process.kill();
    }
    Gate.of(images).open();
    assertThat(EmbeddedRows.of(output).count())
        .as("rows before the kill")
        .isBetween(1, PICTURES * COPIES - 1);

    CommandResult result = InThisProcess.run(command(output, "parallelism=3")).orFail();

    assertThat(result.output()).contains("continuing from");
    assertThat(result.output().strip()).endsWith(output.resolve("embeddings").toString());
    EmbeddedRows rows = EmbeddedRows.of(output);
    for (JsonNode row : rows.all()) {
      String label = row.get("label").asText();
      assertThat(row.get("uri").asText()).contains("/" + label + "/");
      assertThat(row.get("features")).hasSize(192);
    }
    assertThat(rows.uris()).hasSize(PICTURES * COPIES).doesNotHaveDuplicates();
    assertThat(Files.readAllLines(output.resolve("rejected.jsonl")))
        .singleElement()
        .asString()
        .contains("broken.jpg");

    assertThat(InThisProcess.run(command(output, "parallelism=1")).orFail().output())
        .contains("already complete");
    List<String> other = command(output, "parallelism=1");
    other.addAll(List.of("--features", "class"));
    CommandResult refused = InThisProcess.run(other);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors())
        .contains(
            "the output holds other embeddings (name another one): features was mean and is class");
  }

  private static List<String> command(Path output, String setting) {
    return EmbedCommand.of(
        work.resolve("model"),
        GatedFiles.uri(images),
        output,
        "--set",
        "fetch.concurrency=1", // in order, so that the first chunk is read before the gate
        "--set",
        setting);
  }
}
