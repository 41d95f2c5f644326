package io.simmim.pipeline.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.OtherDigits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Where files cannot be appended to. */
class EventFilesTest {
  @TempDir Path folder;

  private EventFiles begin() throws IOException {
    return EventFiles.begin(new org.apache.flink.core.fs.Path(folder.toUri()), 1_000, false);
  }

  private static byte[] loss(long step) {
    return EventRecord.scalars(step, step, Map.of("loss", 1.0));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  @Test
  void writesNothingBetweenCheckpoints() throws Exception {
    try (EventFiles events = begin()) {
      events.append(loss(1));
      assertThat(files()).isEmpty();
      events.sync(2_000);
      events.append(loss(2));

      assertThat(EventLog.read(folder).scalars("loss").keySet()).containsExactly(1L);
    }
  }

  @Test
  @ExtendWith(OtherDigits.class)
  void namesItsFilesAsTensorBoardDoesWhateverTheLanguageOfTheMachine() throws Exception {
    try (EventFiles events = begin()) {
      events.append(loss(1));
      events.sync(2_000);
    }

    assertThat(files())
        .extracting(file -> file.getFileName().toString())
        .containsExactly("events.out.tfevents.0000000001.simmim");
  }

  /** Histograms of a large model are a megabyte a step. */
  @Test
  void keepsNoMoreThanSomeInMemoryBetweenCheckpoints() throws Exception {
    byte[] record = EventRecord.text(1, 1, "long", "x".repeat(1 << 20));
    try (EventFiles events = begin()) {
      for (long kept = 0; kept < 3L * EventFiles.MOST_IN_MEMORY_BYTES; kept += record.length) {
        events.append(record);
      }

      assertThat(files()).hasSizeBetween(2, 3);
      events.append(loss(2));
      events.sync(2_000);
    }

    assertThat(EventLog.read(folder).scalars("loss").keySet()).containsExactly(2L);
  }

  @Test
  void writesTheSameObjectAgainUntilItIsLong() throws Exception {
    long step = 0;
    try (EventFiles events = begin()) {
      while (files().size() < 2) {
        for (int i = 0; i < 5_000; i++) {
          events.append(loss(++step));
        }
        events.sync(2_000);
        events.append(loss(++step));
        events.sync(2_000);
      }
    }

    assertThat(Files.size(files().get(0))).isGreaterThanOrEqualTo(EventFiles.LONG_ENOUGH_BYTES);
    assertThat(EventLog.read(folder).scalars("loss")).hasSize((int) step);
  }

  @Test
  void doesNotWriteAnObjectAgainThatIsTheSame() throws Exception {
    try (EventFiles events = begin()) {
      events.append(loss(1));
      events.sync(2_000);
      Files.delete(files().get(0));
      events.sync(3_000);

      assertThat(files()).isEmpty();
    }
  }
}
