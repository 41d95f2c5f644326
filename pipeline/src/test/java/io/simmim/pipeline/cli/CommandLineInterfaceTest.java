package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.job.TrainingRun.Place;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class CommandLineInterfaceTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();

  @ParameterizedTest
  @ValueSource(strings = {"pretrain --preset vit", "presets vit"})
  void anUnknownPresetIsToldWithTheKnownOnes(String arguments) {
    CommandOutcome outcome = run(arguments.split(" "));

    assertThat(outcome.message())
        .isEqualTo("preset must be one of %s: vit", String.join(", ", Presets.names()));
    assertThat(outcome.exitCode()).isEqualTo(2);
  }

  @Test
  void aPresetThatIsAlmostOneIsToldWithThatOne() {
    assertThat(run("pretrain", "--preset", "vit-bsae-800ep").message())
        .endsWith("finetune-tiny: vit-bsae-800ep (nearest: vit-base-800ep)");
  }

  /** Each option and command, with its last two letters swapped. */
  @Test
  void whatIsAlmostAnOptionOrACommandIsToldWithThat() {
    CommandLine commands = CommandLineInterface.commands(Place.EMBEDDED);
    commands
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertTold(name, List.of());
              command.getSubcommands().keySet().forEach(each -> assertTold(each, List.of(name)));
              command
                  .getCommandSpec()
                  .options()
                  .forEach(option -> assertTold(option.longestName(), List.of(name)));
            });
  }

  private void assertTold(String meant, List<String> before) {
    int at = meant.length() - 2;
    String written = meant.substring(0, at) + meant.charAt(at + 1) + meant.charAt(at);
    if (written.equals(meant)) {
      written = meant + meant.charAt(at); // two letters that are equal
    }
    List<String> arguments = new ArrayList<>(before);
    arguments.add(written);
    assertThat(run(arguments.toArray(String[]::new)).message())
        .contains(": " + written + " (nearest: " + meant + "; ");
  }

  @Test
  void helpIsACommandToo() {
    assertThat(run("help").exitCode()).isZero();
    assertThat(out.toString()).startsWith("Usage: simmim [-hV] COMMAND");
    out.getBuffer().setLength(0);
    assertThat(run("help", "catalog", "count").exitCode()).isZero();
    assertThat(out.toString()).startsWith("Usage: simmim catalog count ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train | unknown argument of simmim: train (nearest: pretrain; allowed: pretrain, estimate, finetune, demo, knn,"
            + " probe, embed, reconstruct, show, export, parity, bench, analyze, report, catalog, k8s, rescale,"
            + " gpu, presets, completion)",
        "pretrain --inptu x | unknown argument of simmim pretrain: --inptu (nearest: --input; allowed: --output,"
            + " --preset, --config, --set, --resume, --force, --input, --init-from, --follow,"
            + " --events, --when-idle, --decay-steps)",
        "presets vit-tiny x | unknown argument of simmim presets: x (allowed: one NAME)",
        "gpu --hlp | unknown argument of simmim gpu: --hlp (nearest: --help; allowed: --library,"
            + " --from, --repository, --without-gpu)",
        "export --ot x --kind y | unknown argument of simmim export: --ot (nearest: --to; allowed:"
            + " --set, --from, --format, --to, --tensors)",
        "knn --modle=m --input i | unknown argument of simmim knn: --modle=m (nearest: --model;"
            + " allowed: --set, --model, --device, --input, --validation, --output, --threads)",
        "finetune --input i --output o --set image.size=32 | --validation is missing (allowed: folders"
            + " or tar shards of images with classes)",
        "pretrain --when-idle sleep | continuous.when-idle must be one of replay, wait: sleep",
        "pretrain --input x --output y --set parallelism=721 | parallelism must be at most 720"
            + " tasks: 721",
        "pretrain --follow --decay-steps -1 | continuous.decay-steps must be from 0 to 1000000000: -1",
        "pretrain --events news | continuous.events: not the URI of a topic or queue: news"
            + " (allowed: kafka://host:port[,host:port...]/topic, sqs://region/account/queue, or"
            + " sqs+https://host[:port]/[account/]queue of another server)",
        "knn --model m --input i | Missing required option: '--validation=URI'",
        "knn --model m --input i --validation v --threads 0 | --threads must be 1 to 1024: 0",
        "knn --model m --input i --validation v --device tpu | --device must be cpu or gpu0, gpu1"
            + " …: tpu",
        "knn --model /nowhere --input i --validation v | no exported model: /nowhere (allowed: a"
            + " folder with config.json and model.safetensors, or the output of a run that has"
            + " exported one)",
        "probe --model m --input i | Missing required option: '--validation=URI'",
        "probe --model m --input i --validation v --epochs 0 | --epochs must be 1 to 100000: 0",
        "probe --model m --input i --validation v --batch 1 | --batch must be 2 to 65536: 1",
        "probe --model m --input i --validation v --rates 0.1,-1 | --rates must be finite and above"
            + " 0: -1.0",
        "probe --model m --input i --validation v --rates x | Invalid value for option '--rates'"
            + " (RATE): 'x' is not a double",
        "probe --model m --input i --validation v --cache /no/such | --cache must be a local folder"
            + " that can be written: /no/such",
        "embed --model m --input i | Missing required option: '--output=URI'",
        "embed --model m --input i --output o --format csv | Invalid value for option '--format':"
            + " expected one of [PARQUET, JSONL] (case-insensitive) but was 'csv'",
        "pretrain --input x --output y --preset finetune-tiny | --preset must be one of a"
            + " pre-training: finetune-tiny (finetune takes it)",
        "pretrain --preset | Missing required parameter for option '--preset' (NAME)",
        "pretrain --input a | --output is missing (allowed: a folder on any Flink file system)",
        "pretrain --resume= | --resume must be latest, none, or the folder of a checkpoint or"
            + " savepoint: ''",
        "bench | bench needs what to measure (allowed: data, device, train)",
        "bench data | Missing required option: '--input=DIR'",
        "bench data --input x --threads 0 | --threads must be 1 to 1024: 0",
        "bench data --input x --threads 2000000000 | --threads must be 1 to 1024: 2000000000",
        "bench data --input x --size big | Invalid value for option '--size': 'big' is not an int",
        "bench train --preset vit-tiny --precision fp8 | training.precision must be one of fp32,"
            + " bf16: fp8",
        "bench train --preset vit-tiny --batch 0 | --batch must be at least 1: 0",
        "bench train --preset vit-tiny --batch 100000 | --batch must be at most 77672 with images of"
            + " 96 pixels: 100000",
        "bench train --preset finetune-vit-base-100ep --batch 4000 | --batch must be at most 3566"
            + " with images of 224 pixels: 4000",
        "bench train --preset vit-tiny --steps 2000000000 | --steps must be 1 to 1000000:"
            + " 2000000000",
        "bench train --preset vit-tiny --threads 0 | --threads must be 1 to 1024: 0",
        "bench device --device cpu --preset vit-tiny --batch 1,100000 | --batch must be at most"
            + " 77672 with images of 96 pixels: 100000",
        "bench device --device cpu --preset vit-tiny --steps 2000000000 | --steps must be 1 to"
            + " 1000000: 2000000000",
        "analyze | analyze needs what to analyze (allowed: masks, attention)",
        "analyze masks --size 0 | --size must be 1 to 1024: 0",
        "analyze masks --masks 0 | --masks must be 1 to 100000: 0",
        "analyze masks --size 6 | --size must be a multiple of a mask patch, [4, 8, 16, 32, 64]"
            + " pixels, and larger: 6",
        "analyze masks --output masks.png | --output must be a .svg file: masks.png",
        "analyze masks --output /no/such/a.svg | --output must be a file in a folder that can be"
            + " written: /no/such/a.svg",
        "report --serve /no/such | no run in /no/such (allowed: outputs of runs, folders with"
            + " run.json or metrics.jsonl; and folders of these)",
        "report --serve 8080 | Missing required parameter: 'OUTPUT'",
        "estimate --preset vit-tiny | Missing required option: '--input=URI'",
        "estimate --input x --preset vit-tiny --seconds 0 | --seconds must be at least 1: 0",
        "estimate --input x --preset vit-tiny --device tpu | --device must be cpu or gpu0, gpu1 …:"
            + " tpu",
        "estimate --input x --preset finetune-tiny | --preset must be one of a pre-training:"
            + " finetune-tiny (finetune takes it)",
        "k8s | Missing required option: '--preset=NAME'",
        "k8s --preset vit-tiny --name My_Run | --name must be at most 45 lower-case letters, digits"
            + " and -, and begin with a letter: My_Run",
        "k8s --preset finetune-tiny | --preset must be one of a pre-training: finetune-tiny"
            + " (finetune takes it)",
        "k8s --preset vit-tiny --set parallelism=40 | parallelism is worked out here;"
            + " spec.job.parallelism of the manifest is the place to change it: 40",
        "k8s --preset vit-tiny --output a#b | --output must be a URI without spaces, quotes and #:"
            + " a#b",
        "k8s --preset vit-tiny --set flink.s3.endpoint=x --set flink.s3.secret-key=y | flink.* is for"
            + " runs in one process; here flinkConfiguration of the manifest has Flink's keys:"
            + " s3.endpoint, s3.secret-key",
        "k8s --preset vit-tiny --set kafka.sasl.jaas.config=x | a manifest must hold no secrets;"
            + " mount a file with them, and name it by --config in args: kafka.sasl.jaas.config",
        "k8s --preset vit-tiny --set training.device=tpu | training.device must be cpu or gpu0, gpu1"
            + " …: tpu",
        "pretrain --input x --output y --set resources.trainer-cpu-cores=4 | all of resources.* must"
            + " be set or none; missing: resources.images-external-resource,"
            + " resources.images-cpu-cores, resources.images-task-heap,"
            + " resources.trainer-external-resource, resources.trainer-task-heap",
        "parity | Missing required parameter: 'DIR'",
        "parity /no/such/folder | parity needs a readable folder with recordings: /no/such/folder"
      })
  void wrongArgumentsAreToldInOneLineWithExitCode2(String arguments, String message) {
    CommandOutcome outcome = run(arguments.split(" "));

    assertThat(outcome.message()).isEqualTo(message);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anErrorOfTheJvmIsToldInOneLineWithExitCode1() {
    Writer broken =
        new Writer() {
          @Override
          public void write(char[] text, int offset, int length) {
            throw new NoClassDefFoundError("libtorch");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };

    CommandOutcome outcome =
        CommandLineInterface.run(
            new String[] {"presets"}, Place.EMBEDDED, new PrintWriter(broken, true));

    assertThat(outcome.message())
        .startsWith("failed: NoClassDefFoundError: libtorch")
        .hasLineCount(1);
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void withoutArgumentsShowsWhatMostPeopleNeed() {
    assertThat(run().exitCode()).isZero();

    List<String> shown =
        out.toString().lines().filter(line -> line.startsWith("  bin/simmim ")).toList();
    assertThat(shown).hasSize(5);
    assertThat(out.toString()).contains("bin/simmim --help lists all commands");
    for (String line : shown) {
      String[] words = line.strip().split(" ");
      out.getBuffer().setLength(0);
      assertThat(run(words[1], "--help").exitCode()).as(line).isZero();
      assertThat(words)
          .filteredOn(word -> word.startsWith("--"))
          .allSatisfy(option -> assertThat(out.toString()).contains(option));
    }
  }

  @Test
  void helpListsEveryCommand() {
    assertThat(run("--help").exitCode()).isZero();

    assertThat(out.toString()).contains("pretrain", "estimate", "completion", "rescale", "parity");
  }

  @Test
  void listsThePresets() {
    assertThat(run("presets").exitCode()).isZero();

    assertThat(out.toString().lines()).hasSize(Presets.names().size());
    assertThat(out.toString().lines().findFirst().orElse(""))
        .matches("vit-base-800ep +SimMIM ViT-B/16, 800 epochs.*");
  }

  @Test
  void printsAResolvedPreset() {
    assertThat(run("presets", "vit-tiny").exitCode()).isZero();

    assertThat(out.toString())
        .startsWith("# A small ViT at 96 pixels")
        .contains("  size: 96\n", "  ratio: 0.6\n", "  window-chunks: 0\n");
  }

  @Test
  void refusesAFolderWithoutRecordings() throws IOException {
    Files.writeString(folder.resolve("other.json"), "{}");

    CommandOutcome outcome = run("parity", folder.toString());

    assertThat(outcome.message()).startsWith("no recordings in " + folder);
    assertThat(outcome.exitCode()).isEqualTo(2);
  }

  @Test
  void printsHelp() {
    assertThat(run("pretrain", "--help").exitCode()).isZero();

    assertThat(out.toString()).startsWith("Usage: simmim pretrain ").contains("--resume");
  }

  @Test
  void helpTellsEachDefault() {
    List<Option> silent =
        commands(CommandLineInterface.class)
            .flatMap(CommandLineInterfaceTest::options)
            .filter(option -> !option.defaultValue().equals("__no_default_value__"))
            .filter(option -> !String.join("", option.description()).contains("default"))
            .toList();

    assertThat(silent).isEmpty();
  }

  private static Stream<Class<?>> commands(Class<?> command) {
    return Stream.concat(
        Stream.of(command),
        Stream.of(command.getAnnotation(Command.class).subcommands())
            .flatMap(CommandLineInterfaceTest::commands));
  }

  private static Stream<Option> options(Class<?> type) {
    return Stream.of(type.getDeclaredFields())
        .flatMap(
            field ->
                field.isAnnotationPresent(Mixin.class)
                    ? options(field.getType())
                    : Stream.ofNullable(field.getAnnotation(Option.class)));
  }

  @Test
  void helpDoesNotBreakAUri() {
    for (String command : List.of("pretrain", "embed")) {
      assertThat(run(command, "--help").exitCode()).isZero();
    }

    assertThat(out.toString().lines().map(String::strip))
        .contains("kafka://HOST:PORT/TOPIC or", "sqs://REGION/ACCOUNT/QUEUE.");
  }

  private CommandOutcome run(String... arguments) {
    return CommandLineInterface.run(arguments, Place.EMBEDDED, new PrintWriter(out, true));
  }
}
