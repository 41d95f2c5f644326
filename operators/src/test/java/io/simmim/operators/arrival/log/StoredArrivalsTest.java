package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StoredArrivalsTest extends ArrivalLogFilesCase {
  private static final class Seen implements Consumer<ArrivedImage> {
    private final List<ArrivedImage> images = new ArrayList<>();

    @Override
    public void accept(ArrivedImage image) {
      images.add(image);
    }
  }

  private StoredArrivals<Seen> read() throws IOException {
    return StoredArrivals.newest(path(stored), Seen::new);
  }

  private void requireAsWhole(long images) throws IOException {
    ArrivalLog whole = ArrivalLogFiles.readNewest(path(stored));
    List<ArrivedImage> all = new ArrayList<>();
    whole.forEachImage((id, image) -> all.add(image));
    StoredArrivals<Seen> read = read();

    assertThat(read.images()).isEqualTo(images);
    assertThat(read.sum().images).isEqualTo(all).hasSize((int) images);
    assertThat(read.used()).isEqualTo(whole.used());
    assertThat(read.deleted()).isEqualTo(whole.deleted());
    assertThat(read.roots()).isEqualTo(whole.roots());
  }

  @Test
  void countsWhatTheWholeLogSays() throws IOException {
    ArrivalLogFiles files = begin();
    files.log().noteRoots(List.of("s3://b/one", "s3://b/two"));
    add(files, 40);
    files.log().decide(ChunkDecisions.PATTERN);
    files.log().decide(3);
    for (long id : new long[] {1, 2, 3, 30}) {
      files.log().delete(id);
    }
    files.log().delete(2);
    files.write(1);

    requireAsWhole(40);
    assertThat(read().deleted()).isEqualTo(4);
    assertThat(read().used()).isPositive();
  }

  /** Twelve times as long as a file: no more than two files are held. */
  @Test
  void holdsTwoFilesOfALongLog() throws IOException {
    ArrivalLogFiles files = begin();
    for (int checkpoint = 1; checkpoint <= 12; checkpoint++) {
      addBytes(files, ArrivalLogFiles.FULL);
      files.write(checkpoint);
    }
    long length = files.log().complete();

    requireAsWhole(files.log().size());
    assertThat(length).isGreaterThan(12L * ArrivalLogFiles.FULL);
    assertThat(read().mostHeldBytes()).isLessThan(3L * ArrivalLogFiles.FULL);
  }

  /** Where what came between two checkpoints is cut anywhere. */
  @Test
  void readsRecordsThatTwoFilesShare() throws IOException {
    ArrivalLogFiles files = begin();
    addBytes(files, LogSegment.LARGEST + 300_000L);
    files.write(1);

    assertThat(names()).hasSize(2);
    requireAsWhole(files.log().size());
  }

  @Test
  void takesAnotherFileForOneThatIsDamaged() throws IOException {
    ArrivalLogFiles files = begin();
    add(files, 3);
    ArrivalLogReference first = files.write(1);
    add(files, 30);
    ArrivalLogReference second = files.write(2);
    Path longer = file("0-" + second.length());
    Path shorter = file("0-" + first.length());
    Files.setLastModifiedTime(longer, FileTime.fromMillis(1_000));
    Files.setLastModifiedTime(shorter, FileTime.fromMillis(2_000));
    assertThat(read().images()).isEqualTo(3);

    Files.setLastModifiedTime(longer, FileTime.fromMillis(3_000));
    assertThat(read().images()).isEqualTo(33);
    Path twin =
        longer.resolveSibling(
            longer
                .getFileName()
                .toString()
                .replaceFirst("[0-9a-f]{16}[.]log", "0123456789abcdef.log"));
    Files.write(twin, new byte[17]);
    Files.setLastModifiedTime(twin, FileTime.fromMillis(4_000));

    assertThat(read().images()).isEqualTo(33);
    Files.delete(longer);
    assertThatThrownBy(this::read)
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "the log of arrivals in %s lacks parts before byte %d; file:%s is damaged",
            path(stored), second.length(), twin);
  }

  @Test
  void refusesWhatIsNoLog() throws IOException {
    Files.createDirectories(stored);

    assertThatThrownBy(this::read)
        .isInstanceOf(UserError.class)
        .hasMessage("no log of arrivals in " + path(stored));
  }
}
