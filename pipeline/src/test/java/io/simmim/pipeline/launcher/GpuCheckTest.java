package io.simmim.pipeline.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/gpu-check} with a stand-in for {@code bin/simmim}: a real one takes minutes. */
@Timeout(120)
class GpuCheckTest {
  private static final Path SCRIPT = Path.of("..", "bin", "gpu-check").toAbsolutePath();

  /** Trains until it is killed, after 8 and 16 of 24 steps, unless it is to be fast. */
  private static final String SIMMIM =
      """
      #!/bin/sh
      case $1 in
        bench)
          echo '| a | same bits |'
          if [ -f "$NOTES/differs" ]; then
            echo '| b | DIFFERS |'
            exit 1
          fi ;;
        parity)
          if [ -f "$NOTES/broken" ]; then
            echo 'simmim: failed: the card is gone'
            exit 1
          fi
          echo 'a  ok  0' ;;
        demo)
          mkdir -p "$3/model"
          if [ -f "$NOTES/fast" ]; then
            sleep 1
            echo bytes >"$3/model/model.safetensors"
            seq 24 >"$3/metrics"
            mv "$3/metrics" "$3/metrics.jsonl"
            exit
          fi
          touch "$3/metrics.jsonl"
          while [ "$(wc -l <"$3/metrics.jsonl")" -lt 24 ]; do
            echo step >>"$3/metrics.jsonl"
            case $3/$(wc -l <"$3/metrics.jsonl") in
              */killed/8 | */killed/16) exec sleep 100 ;;
            esac
          done
          echo bytes >"$3/model/model.safetensors" ;;
      esac
      """;

  @TempDir private Path folder;
  private Path notes;
  private String errors = "";

  @BeforeEach
  void checkOut() throws IOException {
    notes = Files.createDirectory(folder.resolve("notes"));
    Files.createDirectories(folder.resolve("home/bin"));
    Files.createDirectories(folder.resolve("home/pipeline/target/flink"));
    Files.createFile(folder.resolve("home/pipeline/target/simmim-pipeline.jar"));
    Files.copy(SCRIPT, folder.resolve("home/bin/gpu-check"));
    Path simmim = Files.writeString(folder.resolve("home/bin/simmim"), SIMMIM);
    assertThat(simmim.toFile().setExecutable(true)).isTrue();
  }

  private int run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("sh", folder.resolve("home/bin/gpu-check").toString()));
    command.addAll(List.of("--device", "cpu", "--recordings", folder.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("output").toFile())
            .redirectError(folder.resolve("errors").toFile());
    builder.environment().put("TMPDIR", folder.toString());
    builder.environment().put("NOTES", notes.toString());
    Process process = builder.start();
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    errors = Files.readString(folder.resolve("errors"));
    return process.exitValue();
  }

  private String row(String part) throws IOException {
    return Files.readAllLines(folder.resolve("output")).stream()
        .filter(line -> line.startsWith("| " + part))
        .findFirst()
        .orElse("no row");
  }

  @Test
  void comparesARunThatWasKilledWithOneThatWasNot() throws Exception {
    assertThat(run()).as(errors).isZero();

    assertThat(row("pre-training"))
        .contains(" 24 steps, killed 2 of 2 times: same bytes as undisturbed ");
    assertThat(row("parity")).contains(" 1 agree, 0 differ, ");
  }

  @Test
  void saysSoWhereARunEndsBeforeItCouldBeKilled() throws Exception {
    Files.createFile(notes.resolve("fast"));

    assertThat(run()).as(errors).isZero();

    assertThat(row("pre-training")).contains(" killed 0 of 2 times: same bytes ");
  }

  @Test
  void reportsStepsThatDoNotRepeat() throws Exception {
    Files.createFile(notes.resolve("differs"));

    assertThat(run()).isEqualTo(1);

    assertThat(row("training steps")).contains(" 1 repeat to the bit, 1 do not ");
    assertThat(row("pre-training")).contains(" same bytes ");
  }

  @Test
  void saysWhyAPartFailed() throws Exception {
    Files.createFile(notes.resolve("broken"));

    assertThat(run()).isEqualTo(1);

    assertThat(row("parity")).contains(" FAILED; 0 agree, 0 differ, ");
    assertThat(errors).contains("the last lines of parity:\nsimmim: failed: the card is gone\n");
  }

  @Test
  void refusesAtOnceAFileThatCannotBeWritten() throws Exception {
    Path output = folder.resolve("none/report.md");

    assertThat(run("--output", output.toString())).isEqualTo(2);

    assertThat(errors).isEqualTo("gpu-check: missing: a file that can be written: %s%n", output);
  }

  @Test
  void failsWhereItsReportCannotBeKept() throws Exception {
    Files.createFile(notes.resolve("fast"));

    assertThat(run("--output", "/dev/full")).isEqualTo(1);

    assertThat(row("pre-training")).contains(" same bytes ");
  }
}
