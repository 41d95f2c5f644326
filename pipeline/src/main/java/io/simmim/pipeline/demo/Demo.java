package io.simmim.pipeline.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.job.TrainingRun;
import io.simmim.pipeline.report.html.ReportPage;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.schemas.UserError;
import io.simmim.trainer.export.ModelPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Shows the whole thing in about a minute: draws images, trains a small model on them, and draws
 * what the model reconstructs. Started again, it continues where it was stopped.
 */
public final class Demo {
  private static final String PRESET = "vit-tiny";

  /** About a minute on two cores. */
  private static final List<String> SETTINGS = List.of("training.epochs=30");

  private static final int AVERAGED_STEPS = 20;

  private final Path output;
  private final List<String> settings;
  private final Consumer<String> say;

  /**
   * A demo that has yet to start.
   *
   * @param output a local folder
   * @param settings {@code key=value} that change the preset's and this class's
   * @param say takes lines for people
   */
  public Demo(Path output, List<String> settings, Consumer<String> say) {
    this.settings = settings;
    this.output = output.toAbsolutePath().normalize();
    this.say = say;
  }

  /**
   * Runs the demo.
   *
   * @throws Exception as {@link TrainingRun#run}
   */
  public void run(TrainingRun.Place place) throws Exception {
    Path images = output.resolve("images");
    try {
      int drawn = DemoImages.write(images);
      if (drawn > 0) {
        say.accept("drew %d images in %s".formatted(drawn, images));
      }
    } catch (IOException e) {
      throw new UserError("output must be a folder that can be written: " + output, e);
    }
    ConfigLoader.Loaded config =
        new ConfigLoader()
            .preset(PRESET)
            .set(SETTINGS)
            .set(settings)
            .input(List.of("file:" + images))
            .output("file:" + output)
            .load();
    TrainingRun.End end =
        new TrainingRun(config, Resume.parse("latest"), Takeover.IF_DEAD, say).run(place);
    switch (end) {
      case COMPLETE, WAS_COMPLETE -> results(config);
      case DETACHED, STOPPED -> {
        return;
      }
    }
    if (end == TrainingRun.End.WAS_COMPLETE) {
      say.accept("to train again: remove the folder, or choose another with --output");
    }
  }

  private void results(ConfigLoader.Loaded config) throws IOException {
    Path weights = Path.of(ModelPaths.trained(output.toString()), ModelPaths.WEIGHTS);
    Path grid = output.resolve("reconstructions.png");
    DemoPicture.write(
        config.config(),
        Catalog.read(output.resolve("catalog").toString()),
        output.toString(),
        grid);
    List<Double> losses = losses(output.resolve("metrics.jsonl"));
    int averaged = Math.min(AVERAGED_STEPS, losses.size());
    say.accept(
        String.format(
            Locale.ROOT,
            "loss         %.3f over the first %d steps, %.3f over the last",
            average(losses.subList(0, averaged)),
            averaged,
            average(losses.subList(losses.size() - averaged, losses.size()))));
    say.accept("metrics      " + output.resolve("metrics.jsonl"));
    say.accept("pictures     " + grid + " (rows: masked, reconstructed, original)");
    say.accept("model        " + weights.getParent());
    Path report = output.resolve("report.html");
    Files.writeString(report, ReportPage.of(RunReader.read(output.toString(), Clock.systemUTC())));
    say.accept("report       " + report.toUri() + " (to be opened in a browser)");
  }

  private static List<Double> losses(Path metrics) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      losses.add(mapper.readTree(line).path("loss").doubleValue());
    }
    return losses;
  }

  private static double average(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
