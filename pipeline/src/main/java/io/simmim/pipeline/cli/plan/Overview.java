package io.simmim.pipeline.cli.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code bin/simmim} says when nothing is asked of it: the commands that most people need. */
public final class Overview {
  private static final Map<String, String> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("demo", "trains a small model on made-up images in about a minute");
    COMMANDS.put(
        "pretrain --input IMAGES --output RUN --preset vit-tiny",
        "trains on your images; the same command continues");
    COMMANDS.put("report RUN", "writes a page that tells what happened");
    COMMANDS.put(
        "finetune --model RUN --input TRAIN --validation TEST --output FINE",
        "makes a classifier of the model");
    COMMANDS.put("export --from RUN --format huggingface --to DIR", "writes the model for Python");
  }

  private Overview() {}

  /** Command lines without the program's name, and what each does. */
  static Map<String, String> commands() {
    return COMMANDS;
  }

  /** The text, lines ended. */
  public static String text() {
    StringBuilder text = new StringBuilder("Learns from images without labels.\n\n");
    COMMANDS.forEach(
        (command, what) -> text.append("  bin/simmim %s%n      %s%n".formatted(command, what)));
    return text.append(
            "\nbin/simmim --help lists all commands, bin/simmim COMMAND --help explains one.\n")
        .toString();
  }
}
