package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.run.folder.EarlierRun;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EarlierRunTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

  @TempDir private Path folder;
  private Path images;

  @BeforeEach
  void makeImages() throws IOException {
    images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 10; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
  }

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  /** Killed before any operation of storage while it starts over; the next start continues. */
  @ParameterizedTest
  @ValueSource(strings = {"oss", "hdfs"})
  void aRunIsNeverInTwoPlaces(String scheme) throws IOException {
    Path output = folder.resolve("output");
    SimmimConfig config = config(scheme, output);
    prepare(config, "latest");
    Files.delete(output.resolve("run.lock")); // of whoever starts
    fill(output);
    Map<String, String> run = content(output);
    boolean killed = true;
    for (int operations = 0; killed; operations++) {
      restore(output, run);
      BrittleFileSystem.failAfter(operations);
      killed = !starts(config, "none");
      BrittleFileSystem.heal();
      Files.deleteIfExists(output.resolve("run.lock")); // of a process that is not this one

      prepare(config, "latest");

      assertThat(isAside(output, run, operations) || killed).isTrue();
    }
  }

  /** The same where starting over is refused, so that the earlier run is moved back. */
  @Test
  void aRunThatIsMovedBackIsNeverInTwoPlaces() throws IOException {
    Path output = folder.resolve("output");
    SimmimConfig config = config("oss", output);
    SimmimConfig refused = config("oss", output, "training.accumulation=3");
    prepare(config, "latest");
    Files.delete(output.resolve("run.lock"));
    fill(output);
    Map<String, String> run = content(output);
    boolean undone = false;
    boolean moved = false;
    for (int operations = 0; !undone || !moved; operations++) {
      assertThat(operations).as("the earlier run comes back").isLessThan(200);
      restore(output, run);
      BrittleFileSystem.failAfter(operations);
      assertThatThrownBy(() -> prepare(refused, "none")).isInstanceOf(UserError.class);
      BrittleFileSystem.heal();
      Files.deleteIfExists(output.resolve("run.lock"));
      moved |= !aside(output).isEmpty();
      undone = aside(output).isEmpty();

      prepare(config, "latest");

      isAside(output, run, operations);
    }
  }

  /** Whether the run is aside; else it is where it was. */
  private static boolean isAside(Path output, Map<String, String> run, int killed)
      throws IOException {
    List<Path> aside = aside(output);
    aside.removeIf(folder -> new File(folder.toUri()).list().length == 0);
    assertThat(aside).hasSizeLessThan(2);
    if (aside.isEmpty()) {
      assertThat(content(output)).as("killed at %d", killed).containsAllEntriesOf(run);
    } else {
      assertThat(content(aside.get(0))).as("killed at %d", killed).isEqualTo(run);
      assertThat(output.resolve("savepoints")).doesNotExist();
      assertThat(output.resolve("metrics.jsonl")).doesNotExist();
    }
    assertThat(output.resolve("notes.txt")).hasContent("the user's");
    assertThat(output.resolve("moving.json")).doesNotExist();
    return !aside.isEmpty();
  }

  @Test
  void saysWhatIsBeingMoved() throws IOException {
    Path output = Files.createDirectories(folder.resolve("output"));
    Files.writeString(output.resolve("run.json"), "{}");
    EarlierRun earlier = earlier("oss", output);
    BrittleFileSystem.failAfter(7, "no such bucket");

    assertThatThrownBy(() -> earlier.setAside(CLOCK))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot move the earlier run in oss:%s aside (the next start goes on with it): no such"
                + " bucket",
            output);
    BrittleFileSystem.heal();
    assertThat(output.resolve("moving.json"))
        .hasContent("{\"format-version\":1,\"to\":\"previous-20260102-030405\"}");
  }

  @Test
  void refusesAMoveOfAnotherVersion() throws IOException {
    Path output = Files.createDirectories(folder.resolve("output"));
    Files.writeString(output.resolve("moving.json"), "{\"format-version\":2}");

    assertThatThrownBy(() -> earlier("oss", output).finishMove())
        .isInstanceOf(UserError.class)
        .hasMessage("oss:%s/moving.json has format version 2; this build reads version 1", output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../elsewhere", "/elsewhere", "model", "", "previous-1/../../away"})
  void refusesAMoveToWhereItWouldNotMoveARun(String target) throws IOException {
    Path output = Files.createDirectories(folder.resolve("output"));
    fill(output);
    String moving = "{\"format-version\":1,\"to\":\"%s\"}".formatted(target);
    Files.writeString(output.resolve("moving.json"), moving);
    Map<String, String> before = content(folder);

    assertThatThrownBy(() -> earlier("oss", output).finishMove())
        .isInstanceOf(UserError.class)
        .hasMessage("oss:%s/moving.json is damaged: %s", output, moving);
    assertThat(content(folder)).isEqualTo(before);
  }

  @Test
  void twoRunsOfASecondDoNotMix() throws IOException {
    Path output = Files.createDirectories(folder.resolve("output"));
    for (String run : List.of("first", "second")) {
      Files.writeString(output.resolve("run.json"), run);
      earlier("oss", output).setAside(CLOCK);
    }

    assertThat(output.resolve("previous-20260102-030405/run.json")).hasContent("first");
    assertThat(output.resolve("previous-20260102-030405-2/run.json")).hasContent("second");
    assertThat(earlier("oss", output).setAside(CLOCK)).isEmpty();
  }

  private static EarlierRun earlier(String scheme, Path output) {
    return new EarlierRun(RunFolder.open(scheme + "://" + output));
  }

  private boolean starts(SimmimConfig config, String resume) {
    try {
      prepare(config, resume);
      return true;
    } catch (UserError e) {
      assertThat(e).hasMessageContaining("killed");
      return false;
    }
  }

  private void prepare(SimmimConfig config, String resume) {
    Leases.prepare(config, Resume.parse(resume), Optional.empty(), line -> {});
  }

  private SimmimConfig config(String scheme, Path output, String... assignments) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(List.of("training.micro-batch=4"))
        .set(List.of(assignments))
        .input(List.of(images.toString()))
        .output(scheme + "://" + output)
        .load()
        .config();
  }

  /** Adds what a run leaves. */
  private static void fill(Path output) throws IOException {
    for (String name :
        List.of(
            "savepoints/mine/state",
            "savepoints/mine/more/state",
            "model-epoch-0001/model.safetensors",
            "metrics.jsonl/00000000.jsonl",
            "metrics.jsonl/00000001.jsonl")) {
      write(output.resolve(name), name);
    }
  }

  /** Puts back what the output held, and something of the user's. */
  private static void restore(Path output, Map<String, String> run) throws IOException {
    new LocalFileSystem().delete(new org.apache.flink.core.fs.Path(output.toUri()), true);
    for (Map.Entry<String, String> file : run.entrySet()) {
      write(output.resolve(file.getKey()), file.getValue());
    }
    write(output.resolve("notes.txt"), "the user's");
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content, StandardCharsets.ISO_8859_1);
  }

  private static List<Path> aside(Path output) throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return new ArrayList<>(
          files.filter(file -> file.getFileName().toString().startsWith("previous-")).toList());
    }
  }

  private static Map<String, String> content(Path output) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(
            output.relativize(file).toString(),
            Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return content;
  }
}
