package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Files of a log that are damaged, away, or another log's. */
class DamagedLogFilesTest extends ArrivalLogFilesCase {
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
