package io.simmim.pipeline.cli.show;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.DeviceOption;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.show.PastStep;
import io.simmim.pipeline.show.PastStep.Order;
import io.simmim.pipeline.show.SpikeList;
import io.simmim.pipeline.show.Weights;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code show}: what a past step of a run looked at, and which steps stand out. */
@Command(
    name = "show",
    description =
        "Draws and lists the images of a step of a run with their crops and masks, or finds the steps"
            + " that stand out.",
    mixinStandardHelpOptions = true)
public final class ShowCommand implements Callable<Integer> {
  private static final int IMAGES = 16;

  @Mixin private ToolOptions tool;

  @Mixin private DeviceOption device;

  @Parameters(
      paramLabel = "OUTPUT",
      description = "Output of a run, which may be under way, on any Flink file system.")
  private String output;

  @Option(names = "--step", paramLabel = "N", description = "The step, from 1.")
  private Long step;

  @Option(
      names = "--spike",
      description =
          "Lists the steps whose loss or gradient norm stands out, the worst first; with --images or"
              + " --to also draws that one, the image with the largest loss first.")
  private boolean spike;

  @Option(
      names = "--to",
      paramLabel = "FILE.png",
      description = "The picture; the list goes beside it as .txt (default: step-N.png).")
  private String to;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Most images that are drawn (default: " + IMAGES + ").")
  private Integer images;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Predicts and measures: folder of an exported model, or output of a run (default: the"
              + " run's own, as soon as there is one).")
  private String model;

  @Option(
      names = "--replay",
      description =
          "Predicts and measures with the weights that the step had: the steps before it are trained"
              + " again, from the newest checkpoint that is older or from the beginning, on the device"
              + " of the run unless --device is given; with --spike that is the worst step.")
  private boolean replay;

  @Option(
      names = "--from",
      paramLabel = "CHECKPOINT|SAVEPOINT",
      description = "Replays from this one of the run, which must be before the step.")
  private String from;

  @Override
  public Integer call() throws Exception {
    if (spike == (step != null)) {
      throw new UserError("show needs either --step N or --spike");
    }
    if (model != null && replays()) {
      throw new UserError(
          "--replay has the weights of the step; it goes without --model: " + model);
    }
    if (!spike) {
      // Refuses what makes no picture before anything is read.
      PastStep picture = picture(step, Order.BY_PLACE);
      picture.run(run(), step, tool.say());
      return CommandOutcome.DONE;
    }
    boolean draws = images != null || to != null || replays();
    if (draws) {
      picture(1, Order.WORST_FIRST);
    }
    StoredRun run = run();
    OptionalLong worst = SpikeList.show(run, tool.say());
    if (worst.isPresent() && draws) {
      picture(worst.getAsLong(), Order.WORST_FIRST).run(run, worst.getAsLong(), tool.say());
    } else if (worst.isPresent()) {
      tool.say()
          .accept(
              String.format(
                  Locale.ROOT,
                  "bin/simmim show %s --spike --images %d draws the worst",
                  output,
                  IMAGES));
    }
    return CommandOutcome.DONE;
  }

  private PastStep picture(long number, Order order) {
    return new PastStep(
        to == null ? String.format(Locale.ROOT, "step-%d.png", number) : to,
        images == null ? IMAGES : images,
        replays()
            ? new Weights.Replayed(Optional.ofNullable(from))
            : new Weights.AtHand(Optional.ofNullable(model), device.device()),
        order);
  }

  private boolean replays() {
    return replay || from != null;
  }

  private StoredRun run() {
    List<String> assignments = new ArrayList<>(tool.assignments());
    if (replays()) {
      device.given().ifPresent(name -> assignments.add("training.device=" + name));
    }
    return StoredRun.read(output, assignments);
  }
}
