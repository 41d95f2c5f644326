package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.CRC32C;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Savepoints in which a bit of the position in the images is not what it was. */
@Timeout(600)
class DamagedSavepointITCase {
  private static final int EPOCHS = 8;

  @TempDir static Path work;
  private static Workload workload;
  private static RunOutput output;
  private static Path metadata;

  @BeforeAll
  static void stopInTheMiddle() throws Exception {
    workload = Workload.prepare(work, EPOCHS).gated();
    output = new RunOutput(work.resolve("stopped"));
    CommandLine simmim = new CommandLine("damaged-savepoint", GatedFiles.environment());
    workload.waitAfter(EPOCHS / 2);
    try (ChildProcess process =
        simmim.start(workload.pretrain(output, "--set", "checkpoint.interval=1h"))) {
      Awaitility.await("the middle of the run")
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () ->
                  !process.isAlive() || output.lastStep() >= EPOCHS / 2 * Workload.STEPS_PER_EPOCH);
      process.terminate();
      assertThat(process.await(Duration.ofMinutes(3)).output()).contains("saved in");
    }
    workload.gate().open();
    RestorePoint savepoint = RestorePoint.all(RunFolder.open(output.path().toString())).get(0);
    metadata = Path.of(savepoint.path().getPath(), "_metadata");
  }

  @Test
  void isRefusedBeforeTheJobBegins() throws IOException {
    byte[] good = Files.readAllBytes(metadata);
    try {
      Files.write(metadata, skippingChunks(good));

      CommandResult result = InThisProcess.run(workload.pretrain(output));

      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.errors())
          .contains(
              "the newest checkpoint is damaged: " + metadata.getParent(),
              "the state of the source is unreadable: its checksum is ");
    } finally {
      Files.write(metadata, good);
    }
  }

  /** A run must not be called complete because its job came to an end, however that came about. */
  @Test
  void isNoRunThatIsCompleteWhereItsChecksumIsRight() throws IOException {
    byte[] good = Files.readAllBytes(metadata);
    try {
      byte[] changed = skippingChunks(good);
      ByteBuffer bad = ByteBuffer.wrap(changed);
      int state = sourceState(bad) + 3 * Integer.BYTES;
      int length = bad.getInt(state - Integer.BYTES) - Integer.BYTES;
      CRC32C checksum = new CRC32C();
      checksum.update(bad.slice(state, length));
      bad.putInt(state + length, (int) checksum.getValue());
      Files.write(metadata, changed);

      CommandResult result = InThisProcess.run(workload.pretrain(output));

      assertThat(result.output()).doesNotContain("trained all");
      assertThat(result.errors())
          .containsPattern(
              "the job ended after step [0-9]+ of [0-9]+, and there is no model: it was stopped with a"
                  + " savepoint elsewhere, or the checkpoint that it went on from is damaged");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(output.model()).doesNotExist();
    } finally {
      Files.write(metadata, good);
    }
  }

  private static byte[] skippingChunks(byte[] good) {
    byte[] changed = good.clone();
    ByteBuffer bytes = ByteBuffer.wrap(changed);
    int nextChunk = sourceState(bytes) + 3 * Integer.BYTES + Long.BYTES;
    bytes.putLong(nextChunk, bytes.getLong(nextChunk) + 4);
    return changed;
  }

  /** Where it begins: with the version of the form, and its own. */
  private static int sourceState(ByteBuffer bytes) {
    int version = new ChunkEnumeratorStateSerializer().getVersion();
    int at = 0;
    while (bytes.getInt(at) != 1 || bytes.getInt(at + Integer.BYTES) != version) {
      at++;
    }
    return at;
  }
}
