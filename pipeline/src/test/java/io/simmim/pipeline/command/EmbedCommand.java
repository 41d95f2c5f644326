package io.simmim.pipeline.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a test tells {@code simmim embed}: rows in lines of JSON, and checkpoints at short
 * intervals.
 */
public final class EmbedCommand {
  private EmbedCommand() {}

  /**
   * Its arguments.
   *
   * @param input folder or URI of the images
   * @param more options besides
   */
  public static List<String> of(Path model, String input, Path output, String... more) {
    List<String> arguments = new ArrayList<>(List.of("embed", "--model", model.toString()));
    arguments.addAll(List.of("--input", input, "--output", output.toString()));
    arguments.addAll(List.of("--format", "jsonl", "--set", "checkpoint.interval=300ms"));
    arguments.addAll(List.of(more));
    return arguments;
  }
}
