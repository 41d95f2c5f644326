package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
  @TempDir private Path folder;

  @Test
  void laterLayersWin() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "training: {epochs: 7, threads: 1}\n");

    ConfigLoader.Loaded loaded =
        new ConfigLoader()
            .preset("vit-tiny")
            .file(file)
            .set(List.of("training.epochs=8", "checkpoint.interval=5min"))
            .input(List.of("a", "b"))
            .output("out")
            .load();

    SimmimConfig config = loaded.config();
    assertThat(config.image().size()).isEqualTo(96);
    assertThat(config.training().epochs()).isEqualTo(8);
    assertThat(config.training().threads()).isEqualTo(1);
    assertThat(config.checkpoint().interval()).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.data().input()).containsExactly("a", "b");
    assertThat(config.output()).isEqualTo("out");
    assertThat(loaded.explicit())
        .containsExactlyInAnyOrder(
            "training.epochs", "training.threads", "checkpoint.interval", "data.input", "output");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "mask.patch-size=28 | mask.patch-size must divide image.size 192: 28",
        "mask.patch-size=24 | mask.patch-size must be a multiple of encoder.patch-size 16, since the"
            + " encoder masks whole tokens: 24",
        "mask.patch-size=8 | mask.patch-size must be a multiple of encoder.patch-size 16, since the"
            + " encoder masks whole tokens: 8",
        "image.size=96;mask.patch-size=64 | mask.patch-size must divide image.size 96: 64",
        "mask.ratio=0.99 | mask.ratio must leave at least one of 36 mask patches visible: 0.99",
        "mask.strategy=blocks | mask.strategy must be one of random, square, block, file: blocks",
        "mask.strategy=block;mask.patch-size=64 | mask.strategy block needs at least 4 x 4 mask"
            + " patches, its smallest block: 3 x 3",
        "mask.square-place=left | mask.square-place must be one of random, central: left",
        "mask.strategy=file | mask.file is missing (allowed with mask.strategy file: a text file of"
            + " 0 and 1)",
        "mask.file=a.txt | mask.file needs mask.strategy file, not random: a.txt",
        "encoder.window-size=7 | a vit has one encoder.depth, one encoder.num-heads and encoder.window-size 0: [12], [12], 7",
        "encoder.depth=[2, x] | encoder.depth[1] must be a whole number: x",
        "encoder.type=swin | encoder.window-size must be at least 1: 0",
        "encoder.patch-size=20 | encoder.patch-size must divide image.size 192: 20",
        "training.chunk-images=7 | training.chunk-images must divide training.micro-batch 128: 7",
        "training.chunk-images=64 | training.chunk-images must make records below 5 MiB (7077888 bytes at"
            + " image.size 192): 64",
        "training.epochs=5 | schedule.warmup-epochs must be at most training.epochs 5: 10.0",
        "training.epochs=0 | training.epochs must be from 1 to 1000000: 0",
        "training.epochs=1.5 | training.epochs must be a whole number: 1.5",
        "training.epochs=ten | training.epochs must be a whole number: ten",
        "training.epochs='10' | training.epochs must be a whole number: 10",
        "training.precision=fp8 | training.precision must be one of fp32, bf16: fp8",
        "encoder.qkv-bias=1 | encoder.qkv-bias must be true or false: 1",
        "mask.ratio=high | mask.ratio must be a number: high",
        "mask.ratio=1.5 | mask.ratio must be above 0 and below 1: 1.5",
        "encoder.depth= | encoder.depth must not be empty (default: 12)",
        "encoder.depth=null | encoder.depth must not be empty (default: 12)",
        "encoder.depth=[] | a vit has one encoder.depth, one encoder.num-heads and encoder.window-size 0: [], [12], 0",
        "encoder.num-heads=[null] | encoder.num-heads[0] must not be empty",
        "schedule.milestones=[3, null] | schedule.milestones[1] must not be empty",
        "data.input=[null] | data.input[0] must not be empty",
        "schedule.type=wsd | schedule.type must be one of cosine, cosine-after-warmup, linear,"
            + " constant, multistep, step, warmup-stable-decay: wsd",
        "schedule.type=step | schedule.milestone-shares of a step schedule must not be empty",
        "schedule.type=warmup-stable-decay;schedule.decay-epochs=95 | schedule.decay-epochs must be at most"
            + " 90.0, what schedule.warmup-epochs leave of training.epochs 100: 95.0",
        "schedule.base-learning-rate=1e-6 | schedule.min-learning-rate must be at most schedule.base-learning-rate"
            + " 1.0E-6: 5.0E-6",
        "schedule.milestones=3 | schedule.milestones must be a list such as [a, b]: 3",
        "checkpoint.interval=30 | checkpoint.interval must be a duration such as 30s or 5min: 30",
        "checkpoint.interval=soon | checkpoint.interval must be a duration such as 30s or 5min:"
            + " soon",
        "checkpoint.retained= | checkpoint.retained must not be empty (default: 2)",
        "mask=16 | mask is a group of keys (strategy, patch-size, ratio, square-place, file), not a"
            + " value: 16",
        "mask.patchsize=16 | unknown key in --set: mask.patchsize (nearest: mask.patch-size,"
            + " encoder.patch-size, image.size)",
        "epochs=3 | unknown key in --set: epochs (nearest: training.epochs, continuous.events,"
            + " encoder.depth)",
        "seed=[1 | --set seed is not valid YAML (line 1): while parsing a flow sequence; expected"
            + " ',' or ']', but got <stream end>",
        "nonsense | --set must be key=value, such as training.epochs=100: nonsense"
      })
  void tellsMistakesInOneLine(String assignments, String message) {
    assertThatThrownBy(() -> new ConfigLoader().set(List.of(assignments.split(";"))).load())
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  @Test
  void readsNumbersAsPeopleWriteThem() {
    SimmimConfig config =
        new ConfigLoader()
            .set(
                List.of(
                    "schedule.base-learning-rate=1e-3",
                    "optimizer.clip-grad-norm=3",
                    "schedule.milestones=[10, 20]",
                    "schedule.type=multistep",
                    "encoder.relative-position-bias=per-block"))
            .load()
            .config();

    assertThat(config.schedule().baseLearningRate()).isEqualTo(1e-3);
    assertThat(config.optimizer().clipGradNorm()).isEqualTo(3.0);
    assertThat(config.schedule().milestones()).containsExactly(10, 20);
  }

  /** A password may look like a number, in more than one way of YAML to write one. */
  @Test
  void leavesValuesOfOpenGroupsAsTheyStandThere() throws IOException {
    List<String> values =
        List.of(
            "0123",
            "1e3",
            "1_000",
            "0x1F",
            "1.50",
            "+5",
            "yes",
            "No",
            "TRUE",
            "1:30",
            ".5",
            ".inf",
            "2026-01-31",
            "12345678901234567890123",
            "a b",
            "0o17");
    for (String group : List.of("kafka", "flink")) {
      StringBuilder yaml = new StringBuilder(group).append(":\n  nested:\n");
      for (int i = 0; i < values.size(); i++) {
        yaml.append("    key%d: %s\n".formatted(i, values.get(i)));
      }
      yaml.append("  quoted: '007'\n  block: |-\n    1\n    2\n");
      Path file = Files.writeString(folder.resolve(group + ".yaml"), yaml);
      SimmimConfig config = new ConfigLoader().file(file).load().config();

      assertThat(open(config, group)).containsEntry("quoted", "007").containsEntry("block", "1\n2");
      for (int i = 0; i < values.size(); i++) {
        assertThat(open(config, group)).containsEntry("nested.key" + i, values.get(i));
      }
      assertThat(
              open(
                  new ConfigLoader().stored(ConfigText.yaml(config), "stored").load().config(),
                  group))
          .as("as the run has kept it")
          .isEqualTo(open(config, group));
      assertThat(
              open(
                  new ConfigLoader().set(List.of(group + "={a: 0123, b.c: yes}")).load().config(),
                  group))
          .containsExactlyInAnyOrderEntriesOf(Map.of("a", "0123", "b.c", "yes"));
    }
    assertThat(new ConfigLoader().text("training:\n  epochs: 1_0\n", "text").load().config())
        .as("our own keys are of their type")
        .satisfies(config -> assertThat(config.training().epochs()).isEqualTo(10));
  }

  private static Map<String, String> open(SimmimConfig config, String group) {
    return group.equals("kafka") ? config.kafka().values() : config.flink().values();
  }

  @Test
  void refusesANullInAnOpenGroup() {
    assertThatThrownBy(() -> new ConfigLoader().text("kafka:\n  client.id: null\n", "text"))
        .isInstanceOf(UserError.class)
        .hasMessage("kafka.client.id must be text");
  }

  @Test
  void namesFileAndPathOfAnUnknownKey() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "encoder:\n  dept: 3\n");

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "unknown key in %s: encoder.dept (nearest: encoder.depth, encoder.type, data.input)",
            file);
  }

  /** What follows would not be looked at: of two files that were put together, the second. */
  @Test
  void refusesASecondDocument() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "seed: 1\n---\nsede: 2\n");

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(UserError.class)
        .hasMessage(file + " must be one YAML document: something follows its end (line 3)");
    Files.writeString(file, "---\nseed: 1\n...\n");
    assertThat(new ConfigLoader().file(file).load().config().seed()).isEqualTo(1);
  }

  /** The folder would be called so. */
  @Test
  void refusesAliases() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "output: *out\n");

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            file + " must have no aliases; one that begins with * is a text only in quotes: *out");
    Files.writeString(file, "output: '*out'\n");
    assertThat(new ConfigLoader().file(file).load().config().output()).isEqualTo("*out");
  }

  @ParameterizedTest
  @CsvSource({
    "'training:\n  epochs: 3\n\tseed: 1\n', 3",
    "'seed: 1\nimage: {size: 96\n\n', 2",
    "'seed: 1\noutput: ]\n', 2",
    "'seed: 1\n epochs: 2\n', 2"
  })
  void tellsTheLineThatIsNoYaml(String text, int line) throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), text.translateEscapes());

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("%s is not valid YAML (line %d): ", file, line);
  }

  @Test
  void refusesAKeyThatIsThereTwice() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "seed: 1\nseed: 2\n");

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(file + " is not valid YAML (line 2): ")
        .hasMessageContaining("Duplicate");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    Path file = folder.resolve("none.yaml");

    assertThatThrownBy(() -> new ConfigLoader().file(file))
        .isInstanceOf(UserError.class)
        .hasMessage("--config must name a readable YAML file: %s", file);
  }

  @Test
  void choosesTheLargestChunkThatFits() {
    assertThat(config("training.micro-batch=24").chunkImages()).isEqualTo(12);
    assertThat(config("training.micro-batch=7").chunkImages()).isEqualTo(7);
    assertThat(config("training.micro-batch=128").chunkImages()).isEqualTo(16);
    assertThat(config("image.size=1024", "training.micro-batch=16").chunkImages()).isEqualTo(1);
    assertThat(config("image.size=512", "training.micro-batch=16").chunkImages()).isEqualTo(4);
    assertThat(config("training.chunk-images=4").chunkImages()).isEqualTo(4);
  }

  private static SimmimConfig config(String... assignments) {
    return new ConfigLoader().set(List.of(assignments)).load().config();
  }
}
