package io.simmim.pipeline.report.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.story.RejectedImages.Reason;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReaderTest {
  private static final Instant NOW = StoredRun.BEGINNING.plusSeconds(100);

  @TempDir private Path folder;

  private RunReport read() {
    return RunReader.read(folder.toString(), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  /** All its images were rejected: 0 is written for what there is not. */
  @Test
  void aStepWithoutAnImageHasNoLoss() throws IOException {
    StoredRun.write(folder);
    String empty =
        StoredRun.step(2, 2, 0)
            .replace("\"images\":8", "\"images\":0")
            .replace("gradient_norm\":2.5", "gradient_norm\":0.0");
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        StoredRun.step(1, 1, 0.7) + empty + StoredRun.step(3, 3, 0.6));

    StepHistory history = read().history();

    assertThat(history.steps()).isEqualTo(3);
    assertThat(history.loss().least()).isEqualTo(0.6);
    assertThat(history.gradientNorm().least()).isEqualTo(2.5);
    assertThat(history.loss().notNumbers()).as("it has not diverged").isZero();
    assertThat(history.learningRate().columns()).hasSize(3);
  }

  @Test
  void countsRejectedImagesByLikeReasons() throws IOException {
    StoredRun.write(folder);

    RejectedImages rejected = read().rejected();

    assertThat(rejected.total()).isEqualTo(3);
    assertThat(rejected.reasons())
        .extracting(Reason::text)
        .containsExactly("truncated after … bytes", "no <b>JPEG</b>");
    assertThat(rejected.reasons()).extracting(Reason::count).containsExactly(2L, 1L);
    assertThat(rejected.reasons().get(0).examples().get(0).uri()).isEqualTo(StoredRun.HOSTILE);
  }

  @Test
  void boundsReasonsAndExamples() throws IOException {
    StoredRun.write(folder);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      lines.append("{\"uri\":\"u\",\"reason\":\"%s\"}\n".formatted("x".repeat(i + 1)));
    }
    Files.writeString(folder.resolve("rejected.jsonl"), lines);

    RejectedImages rejected = read().rejected();

    assertThat(rejected.total()).isEqualTo(300);
    assertThat(rejected.reasons()).hasSize(RejectedImages.MOST_REASONS + 1);
    assertThat(rejected.reasons().get(0).text()).isEqualTo("other reasons");
    assertThat(rejected.reasons().get(0).examples()).hasSize(RejectedImages.MOST_EXAMPLES);
  }

  @Test
  void readsFoldersOfLines() throws IOException {
    StoredRun.write(folder);
    Path lines = folder.resolve("metrics.jsonl");
    Files.delete(lines);
    Files.createDirectories(lines);
    Files.writeString(lines.resolve("00000001.jsonl"), StoredRun.step(2, 2, 0.5));
    Files.writeString(lines.resolve("00000000.jsonl"), StoredRun.step(1, 1, 0.7));
    Files.writeString(lines.resolve("00000002.jsonl.next"), StoredRun.step(3, 3, 0.3));

    assertThat(read().history().lastStep()).isEqualTo(3);
    assertThat(read().history().loss().most()).isEqualTo(0.7);
  }

  @Test
  void countsLinesThatAreNoneOfOurs() throws IOException {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        StoredRun.step(1, 1, 0.7)
            + "\u0000\n[]\n"
            + StoredRun.step(1, 2, 0.6)
            + "{\"step\":2}\n"
            + "x".repeat(1 << 21)
            + "\n"
            + StoredRun.step(2, 2, 0.5));

    StepHistory history = read().history();

    assertThat(history.steps()).isEqualTo(2);
    assertThat(history.unreadable()).isEqualTo(4);
  }

  @Test
  void tellsHowTheRunStands() throws IOException {
    StoredRun.write(folder);
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.SILENT);
    assertThat(read().goal().steps()).hasValue(10);
    assertThat(read().goal().epochs()).hasValue(5);

    Path lock = folder.resolve("run.lock");
    String lease =
        "{\"format-version\":1,\"owner\":\"a\",\"holder\":\"b\",\"renewals\":1,\"host\":\"h\","
            + "\"since\":\"2026-03-01T10:00:00Z\",\"free\":%s}";
    Files.writeString(lock, lease.formatted(false));
    Files.setLastModifiedTime(lock, FileTime.from(NOW.minusSeconds(10)));
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.UNDER_WAY);
    Files.setLastModifiedTime(lock, FileTime.from(NOW.minusSeconds(100)));
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.SILENT);
    Files.writeString(lock, lease.formatted(true));
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.STOPPED);

    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/model.safetensors"), "12345");
    RunReport report = read();
    assertThat(report.state().kind()).isEqualTo(RunState.Kind.FINISHED);
    assertThat(report.stored().models())
        .singleElement()
        .satisfies(model -> assertThat(model.bytes()).isEqualTo(5));
  }

  @Test
  void namesTheNearestPreset() throws IOException {
    StoredRun.write(folder);

    ComparedConfig config = read().config().orElseThrow();

    assertThat(config.preset()).hasValue("vit-tiny");
    assertThat(config.keys())
        .filteredOn(ComparedConfig.Key::differsFromPreset)
        .extracting(ComparedConfig.Key::path)
        .containsExactly(
            "data.input",
            "flink.s3.secret-key",
            "output",
            "schedule.warmup-epochs",
            "training.epochs",
            "training.micro-batch");
    assertThat(config.keys()).noneMatch(key -> key.value().contains("hush"));
    assertThat(read().masks()).contains("AvgDist");
  }

  @Test
  void tellsTheRestWhereAPartIsDamaged() throws IOException {
    StoredRun.write(folder);
    Files.writeString(folder.resolve("config.resolved.yaml"), "nonsense: 1\n");
    Files.writeString(folder.resolve("run.json"), "{", StandardOpenOption.TRUNCATE_EXISTING);

    RunReport report = read();

    assertThat(report.history().steps()).isEqualTo(10);
    assertThat(report.config()).isEmpty();
    assertThat(report.problems()).hasSize(2);
    assertThat(report.problems().get(0))
        .startsWith("config.resolved.yaml cannot be read: unknown key");
  }

  /** A disk that was full, or a copy that went wrong, leaves files of any length. */
  @Test
  void takesNoMemoryForRecordsThatAreLongerThanAnyOfOurs() throws IOException {
    StoredRun.write(folder);
    for (String name : List.of("config.resolved.yaml", "run.json")) {
      try (RandomAccessFile file = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
        file.setLength(1L << 40); // takes no room on the disk
      }
    }

    RunReport report = read();

    assertThat(report.history().steps()).isEqualTo(10);
    assertThat(report.problems())
        .containsExactly(
            "config.resolved.yaml cannot be read: cannot read file:%s/config.resolved.yaml: it must have at most 16777216 bytes"
                .formatted(folder),
            "run.json cannot be read: cannot read file:%s/run.json: it must have at most 16777216 bytes"
                .formatted(folder));
  }

  @Test
  void refusesWhatIsNoRun() throws IOException {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> RunReader.read(nowhere.toString(), Clock.systemUTC()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no run in %s (allowed: the output of a run, a folder with run.json or metrics.jsonl)"
                .formatted(nowhere));
    assertThat(nowhere).doesNotExist();
  }

  /** A link to itself stands for what this user may not reach: root may reach anything. */
  @Test
  void saysWhyAFolderCannotBeLookedInto() throws IOException {
    Path closed = folder.resolve("closed");
    Files.createSymbolicLink(closed, closed);

    assertThatThrownBy(() -> RunReader.read(closed.toString(), Clock.systemUTC()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("cannot read %s: %s".formatted(closed, closed));
  }
}
