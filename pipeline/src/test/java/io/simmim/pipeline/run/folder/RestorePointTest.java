package io.simmim.pipeline.run.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestorePointTest {
  @TempDir private Path output;
  private RunFolder folder;

  @BeforeEach
  void openFolder() {
    folder = RunFolder.open(output.toString());
  }

  @Test
  void findsNothingInAnEmptyOutput() {
    assertThat(RestorePoint.latest(folder)).isEmpty();
  }

  @Test
  void findsTheNewestOfCheckpointsAndSavepoints() throws IOException {
    completed("checkpoints/job-a/chk-7", 1000);
    Path newest = completed("savepoints/savepoint-1", 3000);
    completed("checkpoints/job-b/chk-8", 2000);

    assertThat(RestorePoint.latest(folder))
        .hasValueSatisfying(
            point -> {
              assertThat(RunFolder.readable(point.path())).isEqualTo(newest.toString());
              assertThat(point.savepoint()).isTrue();
            });
  }

  @Test
  void leavesOutCheckpointsThatWereNeverCompleted() throws IOException {
    Path good = completed("checkpoints/job-a/chk-7", 1000);
    Files.createDirectories(output.resolve("checkpoints/job-a/chk-8"));

    assertThat(RestorePoint.latest(folder).map(point -> RunFolder.readable(point.path())))
        .hasValue(good.toString());
  }

  @Test
  void prefersTheHigherNumberWithinOneMillisecond() throws IOException {
    completed("checkpoints/job-a/chk-9", 1000);
    Path newest = completed("checkpoints/job-a/chk-10", 1000);

    assertThat(RestorePoint.latest(folder).map(point -> RunFolder.readable(point.path())))
        .hasValue(newest.toString());
  }

  /** Else a run would go back to before the clock was set. */
  @Test
  void prefersTheHigherNumberOfAJobWhoseClockWasSetBack() throws IOException {
    completed("checkpoints/job-a/chk-9", 9_000_000);
    Path newest = completed("checkpoints/job-a/chk-10", 1000);
    completed("savepoints/savepoint-1", 8_000_000);

    assertThat(RestorePoint.latest(folder).map(point -> RunFolder.readable(point.path())))
        .hasValue(newest.toString());
  }

  @Test
  void refusesADamagedNewestOneAndNamesTheNewestGoodOne() throws IOException {
    Path good = completed("checkpoints/job-a/chk-7", 1000);
    Path damaged = completed("checkpoints/job-a/chk-8", 2000);
    Files.writeString(damaged.resolve("state"), "short");

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the newest checkpoint is damaged: %s (%s has 5 bytes instead of 11); the newest good"
                + " one is older: --resume %s",
            damaged, damaged.resolve("state"), good);
  }

  @Test
  void refusesTheOnlyOneIfItsFileIsMissing() throws IOException {
    Path damaged = completed("checkpoints/job-a/chk-8", 2000);
    Files.delete(damaged.resolve("state"));

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the newest checkpoint is damaged: %s (%s is missing); there is no other one: --resume"
                + " none starts over",
            damaged, damaged.resolve("state"));
  }

  @Test
  void refusesMetadataThatIsCutShort() throws IOException {
    Path damaged = completed("checkpoints/job-a/chk-8", 2000);
    Path metadata = damaged.resolve("_metadata");
    byte[] bytes = Files.readAllBytes(metadata);
    Files.write(metadata, java.util.Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(() -> RestorePoint.at(damaged.toString()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "the checkpoint is damaged: %s (its _metadata cannot be read: ".formatted(damaged));
  }

  @Test
  void deletesOldCheckpointsButNoSavepoints() throws IOException {
    Path savepoint = completed("savepoints/savepoint-1", 500);
    Path oldest = completed("checkpoints/job-a/chk-7", 1000);
    Path older = completed("checkpoints/job-a/chk-8", 2000);
    Path newest = completed("checkpoints/job-b/chk-9", 3000);

    Path used = completed("checkpoints/job-a/chk-6", 900);
    RestorePoint.deleteOldCheckpoints(
        folder, 2, Optional.of(RestorePoint.at(used.toUri().toString())));

    assertThat(oldest).doesNotExist();
    assertThat(used).exists();
    assertThat(List.of(savepoint, older, newest)).allSatisfy(path -> assertThat(path).exists());
  }

  @Test
  void takesAGivenFolderOrItsMetadata() throws IOException {
    Path good = completed("elsewhere/chk-3", 1000);

    assertThat(RestorePoint.at(good.toString()).path().getPath()).isEqualTo(good.toString());
    assertThat(RestorePoint.at(good.resolve("_metadata").toString()).path().getPath())
        .isEqualTo(good.toString());
  }

  @Test
  void refusesAFolderThatIsNoCheckpoint() {
    assertThatThrownBy(() -> RestorePoint.at(output + "/nothing"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--resume must be latest, none, or the folder of a checkpoint or savepoint:"
                + " %s/nothing",
            output);
  }

  /** A checkpoint of one operator whose state is in one file of 11 bytes. */
  private Path completed(String name, long millis) throws IOException {
    Path path = Files.createDirectories(output.resolve(name));
    Path state = Files.writeString(path.resolve("state"), "some states");
    OperatorState operator = new OperatorState("trainer", "trainer", new OperatorID(1, 2), 1, 1);
    OperatorStateHandle handle =
        new OperatorStreamStateHandle(
            Map.of(
                "model",
                new OperatorStateHandle.StateMetaInfo(
                    new long[] {0}, OperatorStateHandle.Mode.SPLIT_DISTRIBUTE)),
            new RelativeFileStateHandle(
                new org.apache.flink.core.fs.Path(state.toUri()), "state", Files.size(state)));
    operator.putState(0, OperatorSubtaskState.builder().setManagedOperatorState(handle).build());
    Path metadata = path.resolve("_metadata");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(metadata))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(7, List.of(operator), List.of()), out);
    }
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(millis));
    return path;
  }
}
