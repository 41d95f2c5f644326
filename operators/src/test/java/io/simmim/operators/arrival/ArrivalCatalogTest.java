package io.simmim.operators.arrival;

import static io.simmim.operators.arrival.TestArrivals.deleted;
import static io.simmim.operators.arrival.TestArrivals.event;
import static io.simmim.operators.arrival.TestArrivals.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalCatalogTest {
  private static final String TAR = "s3://photos/shard.tar";

  @TempDir private Path folder;

  @Test
  void takesTheNewestVersionsThatAreThereInTheOrderOfCatalogs() throws IOException {
    String log =
        store(
            "one",
            event("s3://photos/b.jpg", 100, "e:1", 10),
            event("s3://photos/gone.jpg", 100, "e:1", 11),
            event("s3://photos/a.jpg", 200, "e:1", 12),
            shard(event(TAR, 9000, "e:1", 13), member(512, 5), member(1024, 6)),
            event("s3://photos/b.jpg", 300, "e:2", 14),
            deleted("s3://photos/gone.jpg", "", 15),
            shard(event(TAR, 9000, "e:2", 16), member(2048, 7), member(512, 8)));

    Catalog catalog = ArrivalCatalog.of(List.of(log));

    assertThat(lines(catalog))
        .containsExactly(
            "s3://photos/a.jpg 0 200",
            "s3://photos/b.jpg 0 300",
            TAR + "!/m512 512 8",
            TAR + "!/m2048 2048 7");
    assertThat(catalog.roots()).containsExactly("s3://photos");
  }

  @Test
  void looksNothingUpHoweverManyVersionsThereWere() throws IOException {
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
    for (int i = 0; i < 20_000; i++) {
      sequence.accept(event("s3://photos/latest.jpg", 1000 + i, "e:" + i, 10_000L * i));
    }
    long before = sequence.log().entriesRead();
    ArrivalCatalog collected = new ArrivalCatalog();
    collected.addAll(sequence.log());

    assertThat(lines(collected.catalog())).containsExactly("s3://photos/latest.jpg 0 20999");
    assertThat(sequence.log().entriesRead()).isEqualTo(before);
  }

  @Test
  void countsAnImageOfSeveralLogsOnce() throws IOException {
    String one = store("one", event("s3://photos/a.jpg", 100, "e:1", 10));
    String two =
        store(
            "two",
            event("s3://photos/b.jpg", 100, "e:1", 10),
            event("s3://photos/a.jpg", 100, "e:1", 12));

    assertThat(lines(ArrivalCatalog.of(List.of(one, two))))
        .containsExactly("s3://photos/a.jpg 0 100", "s3://photos/b.jpg 0 100");
  }

  @Test
  void refusesALogWithoutImages() throws IOException {
    String log = store("empty");

    assertThatThrownBy(() -> ArrivalCatalog.of(List.of(log)))
        .isInstanceOf(UserError.class)
        .hasMessage("no image has arrived in " + log);
  }

  private String store(String name, ArrivedObject... objects) throws IOException {
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
    sequence.log().noteRoots(List.of("s3://photos"));
    for (ArrivedObject object : objects) {
      sequence.accept(object);
    }
    Path place = Files.createDirectories(folder.resolve(name));
    ArrivalLogFiles.begin(new org.apache.flink.core.fs.Path(place.toUri()), sequence.log())
        .write(1);
    return place.toString();
  }

  private static ImageRef member(long offset, int length) {
    return new ImageRef(0, TAR, offset, length, "m" + offset, "");
  }

  private static List<String> lines(Catalog catalog) {
    return LongStream.range(0, catalog.size())
        .mapToObj(catalog::ref)
        .map(image -> "%s %d %d".formatted(image.name(), image.offset(), image.length()))
        .toList();
  }
}
