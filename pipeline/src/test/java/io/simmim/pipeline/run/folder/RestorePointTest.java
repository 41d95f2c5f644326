package io.simmim.pipeline.run.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
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

  /** The second job went on where the first was killed, and the clock was set back between them. */
  @Test
  void ordersWhatDifferentStartsLeftByTheirNumbersAndNotByClocks() throws IOException {
    completed("savepoints/savepoint-2", 4000, 2, 12);
    completed("checkpoints/job-a/chk-10", 9000, 1, 10);
    completed("checkpoints/job-b/chk-11", 3000, 2, 11);
    completed("checkpoints/job-b/chk-13", 2000, 2, 13);
    completed("savepoints/savepoint-1", 8000, 1, 9);

    assertThat(newestFirst())
        .containsExactly(
            "checkpoints/job-b/chk-13",
            "savepoints/savepoint-2",
            "checkpoints/job-b/chk-11",
            "checkpoints/job-a/chk-10",
            "savepoints/savepoint-1");
    assertThat(RestorePoint.nextStart(folder)).isEqualTo(3);
  }

  /** Numbers of checkpoints begin with that of the one that a job goes on from. */
  @Test
  void prefersARunThatWentBackToTheOneThatItLeft() throws IOException {
    completed("checkpoints/job-a/chk-20", 9000, 1, 20);
    Path newest = completed("checkpoints/job-b/chk-6", 1000, 2, 6);

    assertThat(RestorePoint.latest(folder).map(point -> RunFolder.readable(point.path())))
        .hasValue(newest.toString());
  }

  @Test
  void putsWhatTellsNoStartBehindWhatWasThereBeforeIt() throws IOException {
    completed("savepoints/savepoint-1", 1000);
    completed("checkpoints/job-a/chk-8", 2000, 1, 8);
    completed("savepoints/savepoint-3", 3000);
    completed("checkpoints/job-b/chk-9", 4000, 2, 9);
    completed("checkpoints/job-c/chk-10", 5000);

    assertThat(newestFirst())
        .containsExactly(
            "checkpoints/job-c/chk-10",
            "checkpoints/job-b/chk-9",
            "savepoints/savepoint-3",
            "checkpoints/job-a/chk-8",
            "savepoints/savepoint-1");
  }

  /** The last checkpoint of a job whose tasks have all ended has no state of its source. */
  @Test
  void takesTheLastCheckpointOfAJobForOneOfItsStart() throws IOException {
    completed("checkpoints/job-a/chk-8", 9000, 1, 8);
    completed("checkpoints/job-b/chk-9", 1000, 2, 9);
    completed("checkpoints/job-b/chk-10", 2000);

    assertThat(newestFirst())
        .containsExactly(
            "checkpoints/job-b/chk-10", "checkpoints/job-b/chk-9", "checkpoints/job-a/chk-8");
  }

  /** A cluster may give the jobs of a run the same id. */
  @Test
  void prefersTheLaterOfTwoStartsInTheFolderOfOneJob() throws IOException {
    completed("checkpoints/job-a/chk-20", 9000, 1, 20);
    completed("checkpoints/job-a/chk-6", 1000, 2, 6);

    assertThat(newestFirst())
        .containsExactly("checkpoints/job-a/chk-6", "checkpoints/job-a/chk-20");
  }

  @Test
  void refusesTheNewestOneWhoseMetadataIsDamagedAmongThoseThatTellTheirStart() throws IOException {
    Path good = completed("checkpoints/job-a/chk-8", 1000, 1, 8);
    Path damaged = completed("savepoints/savepoint-1", 2000, 1, 9);
    Path metadata = damaged.resolve("_metadata");
    Files.writeString(metadata, "no metadata");
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(2000));

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("the newest checkpoint is damaged: " + damaged)
        .hasMessageEndingWith("the newest good one is older: --resume " + good);
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

  /** Flink merges states of several tasks if it is told to; others may be behind them. */
  @Test
  void findsStatesInFilesThatOthersShare() throws IOException {
    Path merged = StoredPoint.writeMerged(output.resolve("checkpoints/job-a/chk-8"), 2000);
    Files.writeString(merged.resolve("merged"), " and more", StandardOpenOption.APPEND);

    assertThat(RestorePoint.at(merged.toString()).damage()).isEmpty();
  }

  @Test
  void refusesTheNewestOneIfAFileThatItsStatesShareEndsBeforeThem() throws IOException {
    Path good = completed("checkpoints/job-a/chk-7", 1000);
    Path damaged = StoredPoint.writeMerged(output.resolve("checkpoints/job-a/chk-8"), 2000);
    Files.writeString(damaged.resolve("merged"), "other some stat");

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the newest checkpoint is damaged: %s (%s has 15 bytes instead of at least 16); the"
                + " newest good one is older: --resume %s",
            damaged, damaged.resolve("merged"), good);
  }

  @Test
  void refusesTheOnlyOneIfTheFileThatItsStatesShareIsMissing() throws IOException {
    Path damaged = StoredPoint.writeMerged(output.resolve("checkpoints/job-a/chk-8"), 2000);
    Files.delete(damaged.resolve("merged"));

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the newest checkpoint is damaged: %s (%s is missing); there is no other one: --resume"
                + " none starts over",
            damaged, damaged.resolve("merged"));
  }

  @Test
  void refusesMetadataThatIsCutShort() throws IOException {
    Path damaged = completed("checkpoints/job-a/chk-8", 2000);
    Path metadata = damaged.resolve("_metadata");
    byte[] bytes = Files.readAllBytes(metadata);
    Files.write(metadata, java.util.Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(() -> RestorePoint.at(damaged.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the checkpoint is damaged: %s (its _metadata cannot be read: it ends too early)",
            damaged);
  }

  /** What it claims would be allocated. */
  @Test
  void refusesMetadataThatClaimsMoreThanTheHeapHolds() throws IOException {
    Path good = completed("checkpoints/job-a/chk-8", 1000, 1, 8);
    Path damaged = completed("checkpoints/job-a/chk-9", 2000, 1, 9);
    damage(damaged, (bytes, state) -> bytes.putInt(state - Integer.BYTES, Integer.MAX_VALUE));

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the newest checkpoint is damaged: %s (its _metadata cannot be read: it claims to hold"
                + " more than the heap has room for); the newest good one is older: --resume %s",
            damaged, good);
  }

  /** Else the job would wait for chunks that nobody sends. */
  @Test
  void refusesMetadataWithAnotherPositionInTheImages() throws IOException {
    Path good = completed("checkpoints/job-a/chk-8", 1000, 1, 8);
    Path damaged = completed("checkpoints/job-a/chk-9", 2000, 1, 9);
    int nextChunk = 3 * Integer.BYTES + Long.BYTES;
    damage(
        damaged,
        (bytes, state) -> bytes.putLong(state + nextChunk, bytes.getLong(state + nextChunk) + 4));

    assertThatThrownBy(() -> RestorePoint.latest(folder))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "the newest checkpoint is damaged: %s (the state of the source is unreadable: its"
                + " checksum is ",
            damaged)
        .hasMessageEndingWith("the newest good one is older: --resume " + good);
  }

  /** Changes the metadata of a checkpoint, given where the state of the source begins in it. */
  private static void damage(Path checkpoint, ObjIntConsumer<ByteBuffer> change)
      throws IOException {
    Path metadata = checkpoint.resolve("_metadata");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(metadata));
    change.accept(bytes, sourceState(bytes));
    Files.write(metadata, bytes.array());
  }

  /** Where the state of the source begins: with the version of the form, and its own. */
  private static int sourceState(ByteBuffer metadata) {
    int at = 0;
    while (metadata.getInt(at) != 1
        || metadata.getInt(at + 4) != new ChunkEnumeratorStateSerializer().getVersion()) {
      at++;
    }
    return at;
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

  private Path completed(String name, long millis) throws IOException {
    return StoredPoint.write(output.resolve(name), millis);
  }

  private Path completed(String name, long millis, long start, long number) throws IOException {
    return StoredPoint.write(output.resolve(name), millis, start, number);
  }

  private List<String> newestFirst() {
    return RestorePoint.all(folder).stream()
        .map(point -> output.relativize(Path.of(point.path().getPath())).toString())
        .toList();
  }
}
