package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ArrivalLogFilesTest extends ArrivalLogFilesCase {
  @Test
  void tellsWhetherACheckpointIsOnTheWayOfALog() throws IOException {
    ArrivalLogFiles files = begin();
    addBytes(files, 3 << 20);
    ArrivalLogReference early = files.write(1);
    addBytes(files, 100_000);
    ArrivalLogReference abandoned = files.write(2);
    ArrivalLogFiles other = restore(early);
    addBytes(other, 200_000);
    ArrivalLogReference end = other.write(3);

    ArrivalLog newest = other.log();
    assertThat(early.isBeginningOf(newest)).isTrue();
    assertThat(end.isBeginningOf(newest)).isTrue();
    assertThat(abandoned.isBeginningOf(newest)).isFalse();
    assertThat(end.isBeginningOf(ArrivalLogFiles.read(early))).isFalse();
  }

  @Test
  void readsWhatAMachineWithOtherDigitsWrote() throws IOException {
    Locale before = Locale.getDefault();
    ArrivalLogFiles files = begin();
    add(files, 3);
    Locale.setDefault(new Locale.Builder().setLanguageTag("ar-EG").build());
    try {
      files.write(1);
    } finally {
      Locale.setDefault(before);
    }

    assertThat(ArrivalLogFiles.isLog(path(stored))).isTrue();
    assertThat(ArrivalLogFiles.readNewest(path(stored)).size()).isEqualTo(3);
  }

  @Test
  void writesTheEndAgainAndDeletesItOnlyWhenACheckpointHasTheLongerOne() throws IOException {
    ArrivalLogFiles files = begin();
    assertThat(ArrivalLogFiles.isLog(path(stored))).isFalse();
    add(files, 3);
    ArrivalLogReference first = files.write(1);
    add(files, 30);
    ArrivalLogReference second = files.write(2);
    ArrivalLogReference same = files.write(3);
    files.completed(1);

    assertThat(ArrivalLogFiles.isLog(path(stored))).isTrue();
    assertThat(same).isEqualTo(second);
    assertThat(names()).containsExactlyInAnyOrder("0-" + first.length(), "0-" + second.length());
    files.completed(3);
    assertThat(names()).containsExactlyInAnyOrder("0-" + second.length());
    requireSame(first, 3);
    requireSame(second, 33);
    assertThat(ArrivalLogFiles.readNewest(path(stored)).size()).isEqualTo(33);
  }

  @Test
  void beginsAFileWhenTheLastIsFull() throws IOException {
    ArrivalLogFiles files = begin();
    addBytes(files, 1000);
    files.write(1);
    addBytes(files, ArrivalLogFiles.FULL);
    ArrivalLogReference full = files.write(2);
    addBytes(files, 1000);
    ArrivalLogReference tail = files.write(3);
    files.completed(3);

    assertThat(names())
        .containsExactlyInAnyOrder("0-" + full.length(), full.length() + "-" + tail.length());
    assertThat(ArrivalLogFiles.read(full).digest()).isEqualTo(full.digest());
    assertThat(ArrivalLogFiles.read(tail).digest()).isEqualTo(tail.digest());
    ArrivalLogFiles restored = restore(full);
    addBytes(restored, 1000);
    ArrivalLogReference other = restored.write(3);
    assertThat(ArrivalLogFiles.read(other).digest()).isEqualTo(other.digest());
    assertThat(ArrivalLogFiles.read(tail).digest()).isEqualTo(tail.digest());
    assertThat(names()).contains(full.length() + "-" + other.length());
  }

  @Test
  void cutsWhatIsTooLongForOneFile() throws IOException {
    ArrivalLogFiles files = begin();
    addBytes(files, LogSegment.LARGEST + 1000);
    ArrivalLogReference reference = files.write(1);

    assertThat(names())
        .containsExactlyInAnyOrder(
            "0-" + LogSegment.LARGEST, LogSegment.LARGEST + "-" + reference.length());
    assertThat(ArrivalLogFiles.read(reference).digest()).isEqualTo(reference.digest());
    ArrivalLogFiles restored = restore(reference);
    addBytes(restored, 1000);
    ArrivalLogReference longer = restored.write(2);
    restored.completed(2);
    assertThat(names())
        .containsExactlyInAnyOrder(
            "0-" + LogSegment.LARGEST, LogSegment.LARGEST + "-" + longer.length());
    assertThat(ArrivalLogFiles.read(longer).digest()).isEqualTo(longer.digest());
  }

  /** Killed before its last checkpoint was complete, again and again. */
  @Test
  void keepsOneFileOfEachProcessThatWasKilled() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference complete = files.write(1);
    files.completed(1);
    for (int kill = 1; kill <= 3; kill++) {
      add(files, kill);
      files.log().decide(kill);
      files.write(2);
      files = restore(complete);
      add(files, 10);
      complete = files.write(1);
      files.completed(1);
    }

    requireSame(complete, 40);
    assertThat(names()).hasSize(3 + 1).contains("0-" + complete.length());
  }

  /** Killed when a file had become full, and before the shorter one was deleted. */
  @Test
  void deletesWhatAFullFileContains() throws IOException {
    ArrivalLogFiles files = begin();
    addBytes(files, 1000);
    ArrivalLogReference shorter = files.write(1);
    addBytes(files, ArrivalLogFiles.FULL);
    ArrivalLogReference full = files.write(2);
    assertThat(names()).contains("0-" + shorter.length());
    files = restore(full);
    addBytes(files, 1000);
    ArrivalLogReference tail = files.write(3);
    files.completed(3);

    assertThat(names())
        .containsExactlyInAnyOrder("0-" + full.length(), full.length() + "-" + tail.length());
    for (ArrivalLogReference reference : List.of(shorter, full, tail)) {
      assertThat(ArrivalLogFiles.read(reference).digest()).isEqualTo(reference.digest());
    }
  }

  /** Two courses with the same events, whose files are cut at different places. */
  @Test
  void keepsAFullFileThatAnAbandonedCourseGoesOnFrom() throws IOException {
    ArrivalLogFiles abandoned = begin();
    addBytes(abandoned, ArrivalLogFiles.FULL);
    abandoned.write(1);
    addBytes(abandoned, 1);
    addBytes(abandoned, 1);
    ArrivalLogReference saved = abandoned.write(2);
    abandoned.completed(2);
    random.setSeed(1);
    ArrivalLogFiles files = begin();
    addBytes(files, ArrivalLogFiles.FULL);
    addBytes(files, 1);
    ArrivalLogReference between = files.write(1);
    files = restore(between);
    files.log().decide(1);
    files.write(2);
    files.completed(2);

    assertThat(between.length()).isLessThan(saved.length());
    assertThat(ArrivalLogFiles.read(saved).digest()).isEqualTo(saved.digest());
  }

  @Test
  void keepsAllCoursesOfARunThatWentBack() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference base = files.write(1);
    add(files, 10);
    files.log().decide(4);
    ArrivalLogReference abandoned = files.write(2);
    files.completed(2);
    ArrivalLogFiles again = restore(base);
    add(again, 10);
    again.log().decide(3);
    ArrivalLogReference other = again.write(2);
    again.completed(2);
    add(again, 10);
    ArrivalLogReference longer = again.write(3);
    again.completed(3);

    assertThat(other.length()).isEqualTo(abandoned.length());
    assertThat(other.digest()).isNotEqualTo(abandoned.digest());
    requireSame(base, 10);
    requireSame(abandoned, 20);
    requireSame(other, 20);
    requireSame(longer, 30);
    assertThat(ArrivalLogFiles.read(abandoned).used()).isEqualTo(4);
    assertThat(ArrivalLogFiles.read(other).used()).isEqualTo(3);
    assertThat(names())
        .containsExactlyInAnyOrder("0-" + abandoned.length(), "0-" + longer.length());
    assertThat(ArrivalLogFiles.readNewest(path(stored)).digest()).isEqualTo(longer.digest());
  }

  @Test
  void goesOnWithTheFileThatTheCheckpointHas() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference first = files.write(1);
    ArrivalLogFiles restored = restore(first);
    assertThat(restored.write(2)).isEqualTo(first);
    add(restored, 1);
    ArrivalLogReference second = restored.write(3);
    restored.completed(3);

    assertThat(names()).containsExactlyInAnyOrder("0-" + second.length());
    requireSame(first, 10);
    requireSame(second, 11);
  }

  @Test
  void writesAllOfItIntoAnotherFolder() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference first = files.write(1);
    Path before = stored;
    stored = folder.resolve("another");
    ArrivalLogFiles moved = restore(first);
    ArrivalLogReference copied = moved.write(1);
    moved.completed(1);

    assertThat(names()).containsExactlyInAnyOrder("0-" + first.length());
    assertThat(copied.folder()).isEqualTo(path(stored).toString());
    assertThat(copied.digest()).isEqualTo(first.digest());
    requireSame(copied, 10);
    stored = before;
    assertThat(names()).containsExactlyInAnyOrder("0-" + first.length());
  }

  @Test
  void readsTheCourseWrittenLast() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference base = files.write(1);
    add(files, 20);
    ArrivalLogReference abandoned = files.write(2);
    ArrivalLogFiles again = restore(base);
    add(again, 5);
    ArrivalLogReference last = again.write(2);
    Files.setLastModifiedTime(file("0-" + abandoned.length()), FileTime.fromMillis(1000));

    assertThat(ArrivalLogFiles.readNewest(path(stored)).digest()).isEqualTo(last.digest());
  }
}
