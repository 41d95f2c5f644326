package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.images.TarShards;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training from tar shards is training from the files that are in them. */
@Timeout(240)
class TarShardsITCase {
  private static final int EPOCHS = 3;

  @TempDir static Path work;
  private static Workload files;
  private static Workload shards;

  @BeforeAll
  static void pack() throws IOException {
    files = Workload.prepare(work, EPOCHS);
    Path folder = Files.createDirectories(work.resolve("shards"));
    shards = new Workload(folder, files.config());
    TarShards.pack(files.images(), folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample", "block"})
  void giveTheSameModelAsFiles(String shuffle) throws Exception {
    RunOutput fromFiles = new RunOutput(work.resolve("files-" + shuffle));
    RunOutput fromShards = new RunOutput(work.resolve("shards-" + shuffle));
    String option = "data.shuffle=" + shuffle;

    InThisProcess.run(files.pretrain(fromFiles, "--set", option)).orFail();
    InThisProcess.run(shards.pretrain(fromShards, "--set", option)).orFail();

    assertThat(fromShards.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
    assertThat(fromShards.rejected()).isNotEmpty();
    fromShards.assertSameAs(fromFiles);
  }

  @Test
  void nameTheirDamageOnceAndAreUsedUpToIt() throws Exception {
    Path folder = Files.createDirectories(work.resolve("damaged"));
    for (String name : List.of("000.tar", "001.tar", "002.tar", "003.tar")) {
      byte[] shard = Files.readAllBytes(work.resolve("shards").resolve(name));
      // The last one ends within a block of its second member.
      Files.write(
          folder.resolve(name), name.equals("003.tar") ? Arrays.copyOf(shard, 1700) : shard);
    }
    RunOutput output = new RunOutput(work.resolve("output-damaged"));

    CommandResult result =
        InThisProcess.run(
                new Workload(folder, files.config())
                    .pretrain(output, "--set", "training.epochs=12"))
            .orFail();

    assertThat(result.output()).contains("1 of ").contains("003.tar").contains("damaged");
    assertThat(output.rejected()).filteredOn(line -> line.contains("damaged")).hasSize(1);
  }

  @Test
  void saysThatTheShuffleCannotChange() throws Exception {
    RunOutput output = new RunOutput(work.resolve("changed"));
    InThisProcess.run(shards.pretrain(output, "--set", "training.epochs=2")).orFail();

    CommandResult result =
        InThisProcess.run(
            shards.pretrain(output, "--set", "training.epochs=2", "--set", "data.shuffle=block"));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errors())
        .contains("data.shuffle: sample in the checkpoint, block now")
        .hasLineCount(1);
  }
}
