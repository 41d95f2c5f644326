package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {
  private static final ConfigurationIdentity IDENTITY =
      new ConfigurationIdentity(new TreeMap<>(Map.of("seed", "1")));

  @TempDir private Path output;

  private void keeps(RunRecord run, String json) throws IOException {
    RunFolder folder = RunFolder.open(output.toString());
    run.write(folder);

    assertThat(Files.readString(output.resolve("run.json")).replaceAll("\\s", "")).isEqualTo(json);
    assertThat(RunRecord.read(folder)).contains(run);
  }

  @Test
  void keepsVersionOne() throws IOException {
    keeps(
        new RunRecord(
            IDENTITY,
            Optional.of(new CatalogReference("file:/c", "a".repeat(64), 3)),
            Optional.empty()),
        "{'format-version':1,'identity':{'seed':'1'},'catalog':{'path':'file:/c','digest':'%s','size':3}}"
            .formatted("a".repeat(64))
            .replace('\'', '"'));
  }

  @Test
  void keepsVersionTwo() throws IOException {
    keeps(
        new RunRecord(IDENTITY, Optional.empty(), Optional.empty()),
        "{'format-version':2,'identity':{'seed':'1'}}".replace('\'', '"'));
    keeps(
        new RunRecord(IDENTITY, Optional.empty(), Optional.of(new Decay(10, 5))),
        "{'format-version':2,'identity':{'seed':'1'},'decay':{'start':10,'steps':5}}"
            .replace('\'', '"'));
  }

  @Test
  void namesAnUnknownVersion() throws IOException {
    Files.writeString(output.resolve("run.json"), "{\"format-version\": 3}");

    assertThatThrownBy(() -> RunRecord.read(RunFolder.open(output.toString())))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("run.json has format version 3; this build reads versions 1 and 2");
  }
}
