package io.simmim.pipeline.cli.evaluate;

import io.simmim.pipeline.cli.common.ModelOptions;
import io.simmim.pipeline.cli.common.ThreadOptions;
import io.simmim.pipeline.evaluate.EvaluationRequest;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands have that measure a model on images with classes. */
final class EvaluationOptions {
  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images that are learned from: folders INPUT/CLASS/…, or tar shards.")
  private List<String> input;

  @Option(
      names = "--validation",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images that are classified, in the same form.")
  private List<String> validation;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder in which the result is kept, as COMMAND.json.")
  private String output;

  @Mixin private ThreadOptions threads;

  /**
   * What the user asks for.
   *
   * @throws io.simmim.schemas.UserError if an option has a value that is not allowed
   */
  EvaluationRequest request() {
    return new EvaluationRequest(
        model.model(),
        input,
        validation,
        Optional.ofNullable(output),
        threads.threads(),
        model.device());
  }
}
