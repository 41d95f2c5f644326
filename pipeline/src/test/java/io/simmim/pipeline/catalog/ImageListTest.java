package io.simmim.pipeline.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ImageListTest {
  /** Whoever sends events says which version it is of. */
  @Test
  void showsWhatEventsSayOnOneLine() {
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 2, 2));
    log.add(
        new ArrivedImage(
            "s3://photos/a\n.jpg",
            0,
            5,
            "",
            "no\u001b",
            "v:\u001b[2J\n1",
            "topic\u0007/0@1",
            1000));

    assertThat(printed(out -> new ArrivedImages(log, 0, "", OptionalLong.empty()).list(out, 10)))
        .isEqualToNormalizingNewlines(
            "0\t1970-01-01T00:00:01Z\twaiting\t5 bytes\ts3://photos/a\\u{a}.jpg"
                + "\tv:\\u{1b}[2J\\u{a}1\ttopic\\u{7}/0@1\tno\\u{1b}\n");
  }

  /** What a shard that was cut claims of its last image is not there. */
  @Test
  void countsTheBytesOfImagesThatCanBeUsed() throws IOException {
    CatalogBuilder images = new CatalogBuilder();
    images.add("file:/a.jpg", 5_000_000_000L);
    images.add("file:/b.tar", 512, 7, "x.jpg", "");
    images.add("file:/b.tar", 1536, 1L << 60, "y.jpg", "it is cut");
    Catalog catalog = images.build(List.of("file:/"));

    assertThat(printed(new ListedImages(catalog, List.of())::count))
        .isEqualToNormalizingNewlines(
            """
            images     3 (2 in tar shards)
            unusable   1
            bytes      5,000,000,007
            folders    file:/
            """);
  }

  /** Others may have named the folders, or written to the run's record. */
  @Test
  void showsFoldersOnOneLine() throws IOException {
    String name = "s3://photos/\u001b[2J\nimages";
    CatalogBuilder images = new CatalogBuilder();
    images.add("file:/a.jpg", 5);
    Catalog catalog = images.build(List.of(name));
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 2, 2));
    log.noteRoots(List.of(name));

    String shown = "s3://photos/\\u{1b}[2J\\u{a}images";
    assertThat(printed(new ListedImages(catalog, List.of())::count).lines())
        .endsWith("folders    " + shown);
    assertThat(printed(new ListedImages(catalog, List.of("file:/b", name))::count).lines())
        .endsWith("inputs     file:/b, " + shown);
    assertThat(printed(new ArrivedImages(log, 0, "", OptionalLong.empty())::count).lines())
        .contains("inputs     " + shown);
  }

  private static String printed(Consumer<PrintWriter> printing) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    printing.accept(out);
    out.flush();
    return text.toString();
  }
}
