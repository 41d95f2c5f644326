package io.simmim.pipeline.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run on images that keep arriving. */
class ArrivalsOfPageTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeRun() throws IOException {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("run.json"), "{\"format-version\":3,\"identity\":{},\"defaults\":{}}");
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2));
    for (int i = 0; i < 11; i++) {
      String problem = i == 2 ? "not a JPEG" : "";
      long millis = StoredRun.BEGINNING.toEpochMilli();
      log.add(new ArrivedImage("s3://b/" + i, 0, 1000, "", problem, "v", "o", millis));
    }
    log.decide(4);
    log.decide(4);
    log.delete(1);
    ArrivalLogFiles.begin(
            new org.apache.flink.core.fs.Path(folder.resolve("arrivals").toUri()), log)
        .write(1);
  }

  private String text() {
    return ReportPage.of(
            RunReader.read(
                folder.toString(),
                Clock.fixed(StoredRun.BEGINNING.plusSeconds(190), ZoneOffset.UTC)))
        .replaceAll("(?s)<style>.*?</style>|<[^>]*>|\n", "");
  }

  /** A place in a step is no training: two of the eight images here can have had none. */
  @Test
  void saysWhatBecameOfTheImages() {
    assertThat(text())
        .contains("of a stream")
        .contains("arrived11 (11 kB)given to steps as new ones8waiting3unusable1deleted since1")
        .contains("keep their place, and nothing is trained on in it")
        .contains("2026-03-0111")
        .doesNotContain("trained on as new");
  }

  @Test
  void saysThatAnIdleRunMayJustWaitForImages() throws IOException {
    String idle =
        "The run may just be waiting for images to arrive: then there is nothing to be done. ";
    assertThat(text()).contains(idle + "More tasks").doesNotContain("held up by its data");

    Path metrics = folder.resolve("metrics.jsonl");
    String lines = StoredRun.divided(Files.readString(metrics));
    Files.writeString(metrics, lines);
    assertThat(text())
        .contains(idle + "The longest part is fetching")
        .doesNotContain("held up by its data");

    Files.writeString(
        metrics, lines.replace("decode_wait_share\":0.15", "decode_wait_share\":0.9"));
    assertThat(text()).contains("held up by its data. The longest part is decoding");
  }
}
