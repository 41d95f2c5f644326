package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuspectsTest {
  private static final ImageRef IMAGE = new ImageRef(40, "file:/a.jpg", 0, 7);
  private static final ImageRef OTHER = new ImageRef(41, "file:/b.jpg", 0, 7);

  @TempDir Path folder;

  @Test
  void suspectsWhatWasBeingDecodedWhenReadersWereLostTwice() {
    Suspects suspects = begin("");
    suspects.lost(chunks(10, 100));
    assertThat(isSuspect(suspects, 10)).isFalse();
    suspects.lost(chunks(5, 100));

    assertThat(isSuspect(suspects, 10)).isTrue();
    assertThat(isSuspect(suspects, 10 + Suspects.NEAREST - 1)).isTrue();
    assertThat(isSuspect(suspects, 5)).as("lost once").isFalse();
    assertThat(isSuspect(suspects, 10 + Suspects.NEAREST)).as("far behind the first").isFalse();
  }

  @Test
  void reachesFartherUntilTheChunkIsFoundThatEndsReaders() {
    Suspects suspects = begin("");
    long bad = 5L * Suspects.NEAREST; // so many before it are done, and nobody has been told
    for (int lost = 0; lost < 4; lost++) { // 8, 16, 32, and 64
      suspects.lost(chunks(0, 1000));
      assertThat(isSuspect(suspects, bad)).isFalse();
    }
    suspects.lost(chunks(0, 1000)); // 128

    assertThat(isSuspect(suspects, bad)).isTrue();
  }

  @Test
  void forgetsChunksThatACheckpointHasBehindIt() {
    Suspects suspects = begin("");
    suspects.lost(List.of(1L, 2L));
    suspects.lost(List.of(1L, 2L));
    suspects.finishedBelow(2);

    assertThat(isSuspect(suspects, 1)).isFalse();
    assertThat(isSuspect(suspects, 2)).isTrue();
  }

  @Test
  void marksRefusedImagesInEveryChunk() {
    Suspects suspects = Suspects.begin(SuspectConfig.NONE, Map.of(41L, "ends the process"));
    suspects.refuse(Map.of(40L, "never ends"));

    assertThat(suspects.examined(split(1)).images())
        .containsExactly(IMAGE.withProblem("never ends"), OTHER.withProblem("ends the process"));
    assertThat(suspects.refused()).isEqualTo(Map.of(40L, "never ends", 41L, "ends the process"));
  }

  @Test
  void keepsNoMoreRefusedImagesThanACheckpointHasRoomFor() {
    Suspects suspects = begin("");
    for (long image = 0; image <= Suspects.MOST_REFUSED; image++) {
      suspects.refuse(Map.of(image, "bad"));
    }

    assertThat(suspects.refused()).hasSize(Suspects.MOST_REFUSED);
  }

  @Test
  void knowsWhatProcessesWereDecodingWhenTheyEndedWithoutAWord() throws IOException {
    Path file = folder.resolve("suspects");
    ledger(file, 80);
    ledger(file, 80);
    Suspects third = begin(file.toString());

    assertThat(isSuspect(third, 0)).isTrue();
    assertThat(isSuspect(third, Suspects.NEAREST - 1)).isTrue();
    assertThat(isSuspect(third, Suspects.NEAREST)).isFalse();
    third.close();
    assertThat(file).exists();

    Suspects fourth = begin(file.toString());
    assertThat(isSuspect(fourth, 0)).as("remembered, and not counted again").isTrue();
    fourth.finishedBelow(80);
    fourth.close();
    assertThat(file).doesNotExist();
  }

  @Test
  void countsWhatWasBeingDecodedWhenASchedulerReplacedTheEnumerator() throws IOException {
    Path file = folder.resolve("suspects");
    ledger(file, 8).close();
    ledger(file, 8).close();

    assertThat(isSuspect(begin(file.toString()), 0)).isTrue();
  }

  @Test
  void suspectsNoImageWhereReadersCouldNotReadStorage() throws IOException {
    Path file = folder.resolve("suspects");
    for (int outage = 0; outage < 3; outage++) {
      Suspects suspects = ledger(file, 8);
      suspects.storageFailed();
      suspects.lost(chunks(0, 8));
      suspects.close(); // the scheduler makes a new one
    }

    assertThat(isSuspect(begin(file.toString()), 0)).isFalse();
  }

  @Test
  void doesNotCountJobsThatWereStopped() throws IOException {
    Path file = folder.resolve("suspects");
    ledger(file, 8).close();
    Suspects second = begin(file.toString(), 2);
    second.note(open(8));
    second.close();
    assertThat(new SuspectConfig(ChunkTrial.NONE, file.toString(), 3).lastWords()).isEmpty();
    Suspects killed = begin(file.toString(), 3);
    killed.note(open(8));
    assertThat(new SuspectConfig(ChunkTrial.NONE, file.toString(), 4).lastWords()).isPresent();
    Suspects killedAgain = begin(file.toString(), 4);
    assertThat(isSuspect(killedAgain, 0)).as("killed once").isFalse();
    killedAgain.note(open(8));

    assertThat(isSuspect(begin(file.toString(), 5), 0)).as("killed twice").isTrue();
  }

  @Test
  void readsWhatEarlierBuildsWrote() throws IOException {
    Path file = folder.resolve("suspects");
    ByteBuffer first = ByteBuffer.allocate(36);
    first.putInt(0x53555350).putInt(1).putLong(3).putInt(1).putInt(1).putLong(3);
    putChecksum(first);
    Files.write(file, first.array());

    assertThat(isSuspect(begin(file.toString(), 2), 3)).isTrue();
  }

  @Test
  void writesTheStoredForm() throws IOException {
    Path file = folder.resolve("suspects");
    Suspects suspects = begin(file.toString(), 0x0102);
    suspects.lost(List.of(3L));
    suspects.note(open(8));
    suspects.close();
    ByteBuffer stored = ByteBuffer.allocate(100);
    stored.putInt(0x53555332).putInt(1).putLong(3).putInt(1).putInt(8);
    chunks(0, 8).forEach(stored::putLong);
    stored.putLong(0x0102);
    putChecksum(stored);

    assertThat(Files.readAllBytes(file)).isEqualTo(stored.array());
  }

  private static void putChecksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate().flip());
    bytes.putInt((int) checksum.getValue());
  }

  @Test
  void aFinishedRunLeavesNothing() throws IOException {
    Path file = folder.resolve("suspects");
    Suspects suspects = ledger(file, 8);
    suspects.lost(List.of(3L));
    suspects.note(new ChunkLedger(8, 8, 8, List.of()));
    suspects.finished();

    assertThat(file).doesNotExist();
  }

  @Test
  void aProcessThatEndsWithAWordIsNotTakenForOneThatWasKilled() throws IOException {
    SuspectConfig config =
        SuspectConfig.ofNewJob(ChunkTrial.NONE, folder.resolve("suspects").toString());
    ledger(folder.resolve("suspects"), 8);
    assertThat(config.lastWords()).isPresent();
    config.ended();

    assertThat(config.lastWords()).isEmpty();
  }

  @Test
  void whatIsNoSuchFileSaysNothing() throws IOException {
    Path file = folder.resolve("suspects");
    ledger(file, 3);
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at++) {
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) 0x81;
      Files.write(file, changed);
      Suspects suspects = begin(file.toString());
      suspects.lost(List.of(0L));
      assertThat(isSuspect(suspects, 0)).as("byte %d", at).isFalse();
      suspects.finishedBelow(9);
      suspects.close();
    }
    Files.write(file, new byte[1 << 20]);
    Suspects suspects = begin(file.toString());
    suspects.lost(List.of(0L));
    assertThat(isSuspect(suspects, 0)).isFalse();
  }

  @Test
  void runsGoOnWithoutAFileThatCannotBeWritten() {
    Suspects suspects = begin(folder.resolve("none/suspects").toString());
    suspects.note(new ChunkLedger(9, 9, 0, List.of()));
    suspects.close();

    assertThat(folder.resolve("none")).doesNotExist();
  }

  private static Suspects begin(String file) {
    return begin(file, 1);
  }

  private static Suspects begin(String file, long submission) {
    return Suspects.begin(new SuspectConfig(ChunkTrial.NONE, file, submission), Map.of());
  }

  private static List<Long> chunks(long first, long end) {
    return LongStream.range(first, end).boxed().toList();
  }

  /** One reader that has so many chunks. */
  private static Suspects ledger(Path file, int chunks) {
    Suspects suspects = begin(file.toString());
    suspects.note(open(chunks));
    return suspects;
  }

  private static ChunkLedger open(int chunks) {
    ChunkLedger ledger = new ChunkLedger(100, 100, 0, List.of());
    for (int i = 0; i < chunks; i++) {
      ledger.handOut(0, chunk -> true);
    }
    return ledger;
  }

  private static boolean isSuspect(Suspects suspects, long chunk) {
    boolean suspect = suspects.isSuspect(chunk);
    assertThat(suspects.examined(split(chunk)).suspect()).isEqualTo(suspect);
    return suspect;
  }

  private static ChunkSplit split(long chunk) {
    return new ChunkSplit(chunk, 0, 2 * chunk, List.of(IMAGE, OTHER));
  }
}
