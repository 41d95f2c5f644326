package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pretrain}: trains a model on images, or continues to. */
@Command(
    name = "pretrain",
    description = "Trains a model on the images under some URIs; continues what is in the output.",
    mixinStandardHelpOptions = true)
final class PretrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private RunOptions options;

  @Option(
      names = "--input",
      paramLabel = "URI",
      arity = "1..*",
      description = "Folders or images on any Flink file system.")
  private List<String> input = List.of();

  @Option(
      names = "--init-from",
      paramLabel = "DIR|FILE",
      description =
          "Begins with given weights instead of drawn ones: an exported model, the output of a run"
              + " that has exported one, or a file (.safetensors, .pth, .bin).")
  private String initFrom;

  @Option(
      names = "--follow",
      description =
          "Trains on images as they arrive under --input, which is listed again and again.")
  private boolean follow;

  @Option(
      names = "--events",
      paramLabel = "URI",
      description =
          "Trains on images as S3 notifications tell of them, in kafka://HOST:PORT/TOPIC or"
              + " sqs://REGION/ACCOUNT/QUEUE.")
  private String events;

  @Option(
      names = "--when-idle",
      paramLabel = "wait|replay",
      description = "What a continuous run does while too little arrives (default: wait).")
  private String whenIdle;

  @Option(
      names = "--decay-steps",
      paramLabel = "N",
      description = "Ends a continuous run: the learning rate falls for N steps, then it is done.")
  private Long decaySteps;

  @Override
  public Integer call() throws Exception {
    options.requirePretraining();
    ConfigLoader loader = new ConfigLoader();
    options.addTo(loader, input);
    loader.set(continuous());
    if (initFrom != null) {
      loader.initFrom(initFrom);
    }
    options
        .run(loader.load(), spec.commandLine().getOut()::println)
        .run(CommandLineInterface.place(spec));
    return CommandOutcome.DONE;
  }

  private List<String> continuous() {
    List<String> settings = new ArrayList<>();
    if (follow) {
      settings.add("continuous.follow=true");
    }
    if (events != null) {
      settings.add("continuous.events=" + events);
    }
    if (whenIdle != null) {
      settings.add("continuous.when-idle=" + whenIdle);
    }
    if (decaySteps != null) {
      settings.add("continuous.decay-steps=" + decaySteps);
    }
    return settings;
  }
}
