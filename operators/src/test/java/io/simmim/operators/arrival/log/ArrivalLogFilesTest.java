package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.TestArrivals;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalLogFilesTest {
  private static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 4, 2);

  @TempDir private Path folder;
  private Path stored;

  /** Names of large images must not be front-coded away. */
  private final Random random = new Random(1);

  @BeforeEach
  void chooseFolder() {
    stored = folder.resolve("run/arrivals");
  }

  private ArrivalLogFiles begin() {
    return ArrivalLogFiles.begin(path(stored), ArrivalLog.begin(HEADER));
  }

  private static org.apache.flink.core.fs.Path path(Path local) {
    return new org.apache.flink.core.fs.Path(local.toUri().toString());
  }

  private ArrivalLogFiles restore(ArrivalLogReference reference) throws IOException {
    return ArrivalLogFiles.restore(path(stored), reference);
  }

  private static void add(ArrivalLogFiles files, int images) {
    for (int i = 0; i < images; i++) {
      files.log().add(TestArrivals.image(files.log().size()));
    }
  }

  /** Adds at least so many bytes. */
  private void addBytes(ArrivalLogFiles files, long bytes) {
    long end = files.log().complete() + bytes;
    while (files.log().complete() < end) {
      byte[] name = new byte[50_000];
      random.nextBytes(name);
      for (int i = 0; i < name.length; i++) {
        name[i] = (byte) ('a' + (name[i] & 15));
      }
      String uri = new String(name, StandardCharsets.US_ASCII);
      files.log().add(new ArrivedImage(uri, 0, 1, "", "", "", "", 0));
    }
  }

  /** Names of the files without their digests, and without leading zeros. */
  private List<String> names() throws IOException {
    if (!Files.exists(stored)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(stored)) {
      return files
          .map(file -> file.getFileName().toString())
          .map(name -> name.replaceFirst("-[0-9a-f]{16}\\.log$", ""))
          .map(name -> name.replaceAll("0*([0-9]+)", "$1"))
          .sorted()
          .toList();
    }
  }

  private Path file(String name) throws IOException {
    try (Stream<Path> files = Files.list(stored)) {
      return files
          .filter(
              file -> file.getFileName().toString().replaceAll("0*([0-9]+)", "$1").startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void requireSame(ArrivalLogReference reference, long images) throws IOException {
    ArrivalLog log = ArrivalLogFiles.read(reference);
    assertThat(log.size()).isEqualTo(images);
    assertThat(log.digest()).isEqualTo(reference.digest());
    assertThat(log.complete()).isEqualTo(reference.length());
    for (long id = 0; id < images; id++) {
      assertThat(log.image(id)).isEqualTo(TestArrivals.image(id));
    }
  }

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

  @Test
  void namesTheDamagedFile() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference reference = files.write(1);
    Path file = file("0-" + reference.length());
    byte[] good = Files.readAllBytes(file);

    byte[] flipped = good.clone();
    flipped[100] ^= 1;
    refuses(reference, file, flipped, " is damaged: its digest is another one");
    refuses(
        reference,
        file,
        Arrays.copyOf(good, 50),
        " is damaged: it must have %d bytes".formatted(good.length));
    refuses(
        reference,
        file,
        Arrays.copyOf(good, good.length + 1),
        " is damaged: it must have %d bytes".formatted(good.length));
    byte[] later = good.clone();
    later[7] = 2;
    refuses(reference, file, later, " has format version 2; this build reads version 1");
    byte[] other = good.clone();
    other[0] = 0;
    refuses(reference, file, other, " is not a part of a log of arrivals");
    Files.write(file, good);
    requireSame(reference, 10);
  }

  private static void refuses(
      ArrivalLogReference reference, Path file, byte[] content, String problem) throws IOException {
    Files.write(file, content);

    assertThatThrownBy(() -> ArrivalLogFiles.read(reference))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the log of arrivals in %s lacks the %d bytes with digest %s that the checkpoint has; file:%s%s",
            reference.folder(), reference.length(), reference.digest(), file, problem);
    assertThatThrownBy(() -> ArrivalLogFiles.readNewest(path(file.getParent())))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the log of arrivals in %s lacks parts before byte %d; file:%s%s",
            reference.folder(), reference.length(), file, problem);
  }

  /** What fails now may be there at the next attempt: nobody is told that a log is lost. */
  @Test
  void isNotLostWhereAFileCannotBeReadNow() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference reference = files.write(1);
    Path file = file("0-" + reference.length());
    Path aside = folder.resolve("aside");
    Files.move(file, aside);
    // Linux opens it, and answers a read at its beginning with an input/output error.
    Path unreadable = Files.createSymbolicLink(file, Path.of("/proc/self/mem"));

    assertThatThrownBy(() -> restore(reference))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Input/output error");
    assertThatThrownBy(() -> ArrivalLogFiles.readNewest(path(stored)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Input/output error");

    Files.delete(unreadable);
    Files.move(aside, file);
    requireSame(reference, 10);
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 10);
    ArrivalLogReference reference = files.write(1);
    ArrivalLogReference another =
        new ArrivalLogReference(reference.folder(), reference.length(), "0".repeat(64));
    assertThatThrownBy(() -> restore(another))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the log of arrivals in %s lacks the %d bytes with digest %s that the checkpoint has",
            reference.folder(), reference.length(), "0".repeat(64));
    Files.delete(file("0-" + reference.length()));
    Files.writeString(stored.resolve("%019d-%s-%016x.log".formatted(0, "9".repeat(19), 1)), "x");
    Files.writeString(stored.resolve("notes.txt"), "the user's");

    assertThatThrownBy(() -> ArrivalLogFiles.read(reference)).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> ArrivalLogFiles.readNewest(path(stored)))
        .isInstanceOf(UserError.class)
        .hasMessage("no log of arrivals in " + path(stored));
    assertThat(ArrivalLogFiles.isLog(path(stored))).isFalse();
    assertThat(ArrivalLogFiles.isLog(path(folder.resolve("nowhere")))).isFalse();
  }
}
