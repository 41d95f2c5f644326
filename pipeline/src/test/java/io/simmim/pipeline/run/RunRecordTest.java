package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunRecordTest {
  private static final ConfigurationIdentity IDENTITY =
      new ConfigurationIdentity(Map.of("seed", "1"), Map.of("seed", "0"));

  @TempDir private Path output;

  private void keeps(RunRecord run, String json) throws IOException {
    RunFolder folder = RunFolder.open(output.toString());
    run.write(folder);

    assertThat(Files.readString(output.resolve("run.json")).replaceAll("\\s", "")).isEqualTo(json);
    assertThat(RunRecord.read(folder)).contains(run);
  }

  @Test
  void keepsItsForm() throws IOException {
    keeps(
        new RunRecord(
            IDENTITY,
            Optional.of(new CatalogReference("file:/c", "a".repeat(64), 3)),
            Optional.of(new RunInputs(List.of("file:/a", "file:/b"), List.of("file:/v"))),
            Optional.empty()),
        ("{'format-version':3,'identity':{'seed':'1'},'defaults':{'seed':'0'},"
                + "'catalog':{'path':'file:/c','digest':'%s','size':3},"
                + "'inputs':{'images':['file:/a','file:/b'],'validation':['file:/v']}}")
            .formatted("a".repeat(64))
            .replace('\'', '"'));
    keeps(
        new RunRecord(IDENTITY, Optional.empty(), Optional.empty(), Optional.of(new Decay(10, 5))),
        ("{'format-version':3,'identity':{'seed':'1'},'defaults':{'seed':'0'},"
                + "'decay':{'start':10,'steps':5}}")
            .replace('\'', '"'));
  }

  /** As a machine that loses its power leaves it. */
  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "\"x\""})
  void refusesWhatIsNoObject(String text) throws IOException {
    Files.writeString(output.resolve("run.json"), text);

    assertThatThrownBy(() -> RunRecord.read(RunFolder.open(output.toString())))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("/run.json is damaged: it holds no JSON object");
  }

  @ParameterizedTest
  @CsvSource({
    "'null', -1, 0",
    "'{\"steps\":4}', -1, 4",
    "'{\"start\":10}', 10, 0",
    "'{\"start\":-5,\"steps\":9}', -5, 9",
    "'{\"start\":10,\"steps\":9223372036854775807}', 10, 9223372036854775807",
    "'{\"start\":9223372036854775807,\"steps\":5}', 9223372036854775807, 5"
  })
  void refusesADecayThatIsNone(String decay, long start, long steps) throws IOException {
    Files.writeString(
        output.resolve("run.json"),
        "{\"format-version\":3,\"identity\":{},\"decay\":%s}".formatted(decay));

    assertThatThrownBy(() -> RunRecord.read(RunFolder.open(output.toString())))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith(
            "/run.json is damaged: decay must start at a step from 0 and be 1 step or longer, both below %d: start %d, steps %d"
                .formatted(1L << 39, start, steps));
  }

  @Test
  void readsVersionOne() throws IOException {
    assertThat(
            read(
                "{'format-version':1,'identity':{'seed':'1'},'catalog':{'path':'file:/c','digest':'%s','size':3}}"
                    .formatted("a".repeat(64))))
        .contains(
            new RunRecord(
                new ConfigurationIdentity(Map.of("seed", "1"), Map.of()),
                Optional.of(new CatalogReference("file:/c", "a".repeat(64), 3)),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void readsVersionTwo() throws IOException {
    ConfigurationIdentity identity = new ConfigurationIdentity(Map.of("seed", "1"), Map.of());

    assertThat(read("{'format-version':2,'identity':{'seed':'1'}}"))
        .contains(new RunRecord(identity, Optional.empty(), Optional.empty(), Optional.empty()));
    assertThat(read("{'format-version':2,'identity':{'seed':'1'},'decay':{'start':10,'steps':5}}"))
        .contains(
            new RunRecord(
                identity, Optional.empty(), Optional.empty(), Optional.of(new Decay(10, 5))));
  }

  /** Whatever keys there are by now: a run of the first release goes on. */
  @ParameterizedTest
  @ValueSource(strings = {"listed", "continuous"})
  void continuesARunOfTheFirstRelease(String kind) throws IOException {
    String json;
    try (InputStream in = getClass().getResourceAsStream("first-release/" + kind + ".json")) {
      json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    ConfigurationIdentity then = read(json).orElseThrow().identity();
    List<String> setting =
        List.of("continuous.follow=" + kind.equals("continuous"), "encoder.depth=12");
    ConfigLoader loader = new ConfigLoader().set(setting);

    assertThat(ConfigText.identity(loader.load().config()).differencesFrom(then)).isEmpty();
    assertThat(
            ConfigText.identity(loader.set(List.of("mask.ratio=0.5")).load().config())
                .differencesFrom(then))
        .containsExactly("mask.ratio: 0.6 in the checkpoint, 0.5 now");
  }

  private Optional<RunRecord> read(String json) throws IOException {
    Files.writeString(output.resolve("run.json"), json.replace('\'', '"'));
    return RunRecord.read(RunFolder.open(output.toString()));
  }

  @Test
  void namesAnUnknownVersion() throws IOException {
    Files.writeString(output.resolve("run.json"), "{\"format-version\": 4}");

    assertThatThrownBy(() -> RunRecord.read(RunFolder.open(output.toString())))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("run.json has format version 4; this build reads versions 1 to 3");
  }
}
