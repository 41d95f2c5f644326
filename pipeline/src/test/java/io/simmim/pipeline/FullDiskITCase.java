package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.ChangedMachine;
import io.simmim.pipeline.command.CommandFailure;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.tensorboard.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room is told in one line, loses nothing, and is waited for where that helps. */
@Timeout(600)
class FullDiskITCase {
  @TempDir static Path work;
  private static Workload workload;

  @BeforeAll
  static void prepare() throws IOException {
    workload = Workload.prepare(work, 400);
  }

  @Test
  void diskThatIsFullAtExport() throws Exception {
    Path small = Files.createDirectories(work.resolve("small-disk"));
    CommandLine simmim = ChangedMachine.onDisk("full-disk", small, "256k", "exec \"$@\"");

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(small),
                "--set",
                "training.epochs=2",
                "--set",
                "checkpoint.interval=1h"));

    CommandFailure.assertOneLine(result, "model");
    assertThat(result.errors()).contains("No space left on device");
  }

  /** One checkpoint has room on it. Then it is made larger, and the same command given again. */
  @Test
  void diskThatIsFullAtACheckpointAndHasRoomAgain() throws Exception {
    Path small = Files.createDirectories(work.resolve("smaller-disk"));
    Path kept = Files.createDirectories(work.resolve("kept"));
    CommandLine simmim =
        ChangedMachine.onDisk(
            "full-at-checkpoint",
            small,
            "1300k",
            "\"$@\"; mount -o remount,size=64m "
                + small
                + " && \"$@\" && cp -r "
                + small
                + "/. "
                + kept);

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(small),
                "--set",
                "training.epochs=30",
                "--set",
                "checkpoint.interval=100ms"));

    assertThat(result.errors().lines())
        .as(result.toString())
        .singleElement()
        .asString()
        .contains("cannot write checkpoints to file:" + small, "No space left on device")
        .contains("make room there, then run the same command again");
    assertThat(result.output()).contains("continuing from " + small + "/checkpoints/");
    RunOutput output = new RunOutput(kept);
    assertThat(output.metrics()).hasSize(30 * Workload.STEPS_PER_EPOCH);
    assertThat(output.lastStep()).isEqualTo(30L * Workload.STEPS_PER_EPOCH);
    assertThat(output.model()).exists();
  }

  /** As a checkpoint that does not fit, or somebody else, fills it until it is given up. */
  @Test
  void diskThatIsFullForMoments() throws Exception {
    Path disk = Files.createDirectories(work.resolve("shared-disk"));
    Path kept = Files.createDirectories(work.resolve("kept-of-shared"));
    String fill =
        """
        (until [ -s OUT/metrics.jsonl ]; do sleep 0.05; done
         for i in 1 2 3 4; do
           dd if=/dev/zero of=OUT/others bs=64k 2>/dev/null; sleep 0.25; rm OUT/others; sleep 0.1
         done
         touch OUT/over) &
        """
            .replace("OUT", disk.toString());
    CommandLine simmim =
        ChangedMachine.onDisk(
            "shared-disk", disk, "16m", fill + "\"$@\" && cp -r " + disk + "/. " + kept);

    CommandResult result =
        simmim.run(
            workload.pretrain(
                new RunOutput(disk),
                "--set",
                "training.epochs=80",
                "--set",
                "checkpoint.interval=1h"));

    assertThat(result.orFail().output()).doesNotContain("restart");
    assertThat(result.errors()).doesNotContain("progress is not noted"); // nobody needs to know
    RunOutput output = new RunOutput(kept);
    assertThat(kept.resolve("over")).as("the disk was full four times before the end").exists();
    assertThat(output.metrics()).hasSize(80 * Workload.STEPS_PER_EPOCH);
    EventLog events = EventLog.read(kept.resolve("runs"));
    assertThat(events.scalars("train/loss")).hasSize(80 * Workload.STEPS_PER_EPOCH);
    assertThat(events.scalars("train/loss").values()).allMatch(once -> once.size() == 1);
  }

  /** Histograms have a disk of their own here, so theirs is the file that finds no room. */
  @Test
  void diskThatIsFullForEventFiles() throws Exception {
    RunOutput output = new RunOutput(work.resolve("with-histograms"));
    Path disk = Files.createDirectories(output.path().resolve("runs/histograms"));
    CommandLine simmim = ChangedMachine.onDisk("full-for-events", disk, "1m", "exec \"$@\"");

    CommandResult result =
        simmim.run(
            workload.pretrain(
                output,
                "--set",
                "training.epochs=300",
                "--set",
                "checkpoint.interval=1h",
                "--set",
                "tensorboard.histograms-every-steps=1",
                "--set",
                "flink.restart-strategy.type=none"));

    CommandFailure.assertOneLine(result, "cannot write file:" + disk + "/events.out.tfevents.");
    assertThat(result.errors()).contains("No space left on device; nothing is lost: make room");
  }
}
