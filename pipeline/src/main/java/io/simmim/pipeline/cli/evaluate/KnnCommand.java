package io.simmim.pipeline.cli.evaluate;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.evaluate.KnnRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code knn}: how well the neighbours of images in a model's features tell their classes. */
@Command(
    name = "knn",
    description =
        "Classifies images by the classes of their nearest neighbours in a model's features"
            + " (weighted, 10 and 20 neighbours).",
    mixinStandardHelpOptions = true)
public final class KnnCommand implements Callable<Integer> {
  @Mixin private ToolOptions tool;

  @Mixin private EvaluationOptions evaluation;

  @Override
  public Integer call() throws Exception {
    new KnnRun(evaluation.request()).run(tool.config(), tool.say());
    return CommandOutcome.DONE;
  }
}
