package io.simmim.pipeline.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which files the scripts in {@code bin} write beside the checkout, and what they leave. */
class LauncherFilesTest extends LauncherCase {
  private static final String LARGEST = "-Dsimmim.log.largest=";

  @Test
  void saysInOneLineThatTheLogCannotBeWritten() throws Exception {
    assertThat(run("simmim", "show")).isZero();
    Files.delete(folder.resolve("output"));
    environment.put("TMPDIR", folder.resolve("notes/java").toString());

    assertThat(run("simmim", "show")).isEqualTo(2);
    environment.put("SIMMIM_LOG", target.toString());
    assertThat(run("simmim", "show")).isEqualTo(2);

    assertThat(Files.readAllLines(folder.resolve("output"), UTF_8))
        .hasSize(2)
        .allMatch(line -> line.startsWith("simmim: the log cannot be written: " + folder))
        .allMatch(line -> line.endsWith("(SIMMIM_LOG names another file, TMPDIR another folder)"));
    environment.remove("TMPDIR");
    environment.put("SIMMIM_LOG", folder.resolve("logs of/today.log").toString());
    assertThat(run("simmim", "show")).isZero();
  }

  /** What is rolled is deleted or renamed: devices of the machine, for whoever may. */
  @Test
  void letsNoLogGrowIntoASecondFileThatIsNone() throws Exception {
    Path log = Files.createFile(folder.resolve("log"));
    environment.put("SIMMIM_LOG", log.toString());
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("java")).noneMatch(argument -> argument.startsWith(LARGEST));

    environment.put("SIMMIM_LOG", "/dev/null");
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("java")).contains("-Dsimmim.log.file=/dev/null");
    assertThat(notes("java")).filteredOn(argument -> argument.startsWith(LARGEST)).hasSize(1);
    Path link = Files.createSymbolicLink(folder.resolve("link"), log);
    environment.put("SIMMIM_LOG", link.toString());
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("java")).filteredOn(argument -> argument.startsWith(LARGEST)).hasSize(2);
  }

  @Test
  void leavesNothingOfAnArchiveThatIsStopped() throws Exception {
    assertThat(run("simmim", "show")).isZero();
    environment.put("STOP", "while the archive is made");

    assertThat(run("class-archive")).isEqualTo(130);

    assertThat(target.resolve("simmim.jsa.new")).doesNotExist();
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("my projects", "notes", "output", "tools");
    }
  }

  @Test
  void letsJavaKeepTemporaryFilesWhereTheUserSays() throws Exception {
    Path temporary = folder.resolve("a place/for files");
    environment.put("TMPDIR", temporary.toString());
    assertThat(run("simmim", "show")).isZero();

    assertThat(notes("java")).contains("-Djava.io.tmpdir=" + temporary);
    environment.put("TMPDIR", folder.resolve("notes/java").toString());
    environment.put("SIMMIM_LOG", folder.resolve("log").toString());
    Files.delete(folder.resolve("output"));
    assertThat(run("simmim", "show")).isEqualTo(2);
    assertThat(folder.resolve("output"))
        .hasContent(
            "simmim: temporary files cannot be written: %s (TMPDIR names another folder)"
                .formatted(folder.resolve("notes/java")));
  }
}
