package io.simmim.pipeline.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is said of what could not be read, but that. */
class UnreadPartsTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeRun() throws IOException {
    StoredRun.write(folder);
  }

  /** Linux opens it, and answers a read at its beginning with an input/output error. */
  private void spoil(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
    Files.createSymbolicLink(folder.resolve(name), Path.of("/proc/self/mem"));
  }

  private RunReport report() {
    return RunReader.read(
        folder.toString(), Clock.fixed(StoredRun.BEGINNING.plusSeconds(190), ZoneOffset.UTC));
  }

  private String text() {
    return ReportPage.of(report()).replaceAll("(?s)<style>.*?</style>|<[^>]*>|\n", "");
  }

  @Test
  void stepsAreNotNone() throws IOException {
    spoil("metrics.jsonl");

    assertThat(text())
        .contains("How far it is cannot be told: metrics.jsonl cannot be read.")
        .contains("Stepsunknownmetrics.jsonl cannot be read")
        .doesNotContain("Ended before", "Images trained on", "Epochs");
    String runs =
        RunsPage.of(PageFrame.FILE, List.of(new RunsPage.Entry("run", report(), false)))
            .replaceAll("<[^>]*>", "");
    assertThat(runs).contains("unknown").doesNotContain("silent", "0 of 10");
  }

  @Test
  void rejectedImagesAreNotNone() throws IOException {
    spoil("rejected.jsonl");

    assertThat(text())
        .contains("rejected.jsonl cannot be read, so how many there are is unknown.")
        .contains("Rejected imagesunknownrejected.jsonl cannot be read")
        .doesNotContain("every image that was read could be used");
  }

  @Test
  void aRunWhoseLockCannotBeReadHasNotStopped() throws IOException {
    spoil("run.lock");

    assertThat(text())
        .contains(
            "At step 10 of 10, 2 min 0 s ago. Whether it goes on cannot be told: run.lock cannot be"
                + " read.")
        .doesNotContain("Stopped", "Silent");
  }

  @Test
  void aRunWhoseListIsNotKnownHasNoStream() throws IOException {
    spoil("run.json");

    assertThat(text())
        .contains("Steps10of how many is unknown")
        .contains("Images trained on80of how many is unknown")
        .doesNotContain("of a stream", "no end is set");
  }

  @Test
  void aRunWhosePlanIsNotKnownHasAnEnd() throws IOException {
    Files.writeString(folder.resolve("config.resolved.yaml"), "nonsense: 1\n");

    assertThat(text())
        .contains("Steps10of how many is unknown")
        .contains("80of a list of 16")
        .doesNotContain("no end is set");
  }

  @Test
  void aPauseIsNoStallWhereRestartsCannotBeRead() throws IOException {
    assertThat(text()).contains("stalls without a restart1 min 0 s");
    spoil("checkpoints.jsonl");

    assertThat(text())
        .contains("interruptions whose cause cannot be read1 min 0 s", "1 min 0 sunknown")
        .doesNotContain("stalls without a restart");
  }

  /** Somebody may have changed them. Differences of such numbers are none. */
  @Test
  void numbersBeyondMeasureHaveNoPlaceInCharts() throws IOException {
    String line = StoredRun.step(1, 1, 1).replaceAll("(_second|_norm)\":[0-9.]+", "$1\":-1e308");
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        line.replaceAll("(loss|_rate)\":[0-9.]+", "$1\":1.7e308")
            + StoredRun.step(2, 2, 1).replaceAll("(loss|_rate)\":[0-9.]+", "$1\":-1.7e308")
            + StoredRun.step(3, 3, 0.5));
    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        """
        {"checkpoint":1,"step":1,"bytes":1,"seconds":1.7e308,"stall_seconds":1,"time":"2026-03-01T10:00:01Z"}
        {"checkpoint":2,"step":2,"bytes":1,"seconds":-1.7e308,"stall_seconds":1,"time":"2026-03-01T10:00:02Z"}
        """);

    assertThat(text()).contains("Steps3 of 10");
  }

  /** Nothing has begun before 1970. */
  @Test
  void aStepTakesNoLongerThanItCan() throws IOException {
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        StoredRun.step(1, 1, 1)
                .replace("\"images\":8", "\"images\":9e18")
                .replace("\"images_per_second\":8.0", "\"images_per_second\":1e-300")
            + StoredRun.step(2, 2, 1).replace("\"images\":8", "\"images\":-9e18"));

    assertThat(text()).contains("Steps2 of 10");
  }
}
