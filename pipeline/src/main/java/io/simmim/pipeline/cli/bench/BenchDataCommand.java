package io.simmim.pipeline.cli.bench;

import io.simmim.operators.image.StageTimes;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.pipeline.bench.DataBench;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.Limits;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench data}: images per second per core of decode to pack, stage by stage. */
@Command(
    name = "data",
    description = "Images per second per core of decode, crop, flip, mask and pack.",
    mixinStandardHelpOptions = true)
final class BenchDataCommand implements Callable<Integer> {
  private static final double MASK_RATIO = 0.6;

  @Spec private CommandSpec spec;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "DIR",
      description = "Folder, file or tar shard of images.")
  private String input;

  @Option(
      names = "--size",
      defaultValue = "192",
      description = "Side of the images in pixels (default: ${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--threads",
      defaultValue = "1",
      description = "Threads, each on its own core (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Override
  public Integer call() throws Exception {
    Limits.require("--threads", threads, 1, Limits.MOST_THREADS);
    DataBench.Result result = DataBench.load(input, image(), mask()).run(threads);
    StageTimes stages = result.stages();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%d images to %d pixels, %d %s, %d rejected%n",
        result.images(), size, threads, threads == 1 ? "thread" : "threads", result.rejected());
    double total = result.seconds() * 1e9 * threads;
    out.printf("%-22s %9s %7s%n", "stage", "us/image", "share");
    row(out, "decode", (double) stages.decodeNanos(), total, result.images());
    row(out, "crop, resize, flip", (double) stages.resizeNanos(), total, result.images());
    row(out, "mask", (double) stages.maskNanos(), total, result.images());
    row(out, "pack and the rest", total - stages.totalNanos(), total, result.images());
    out.printf(Locale.ROOT, "total %.1f img/s/core%n", result.imagesPerSecondPerCore());
    return CommandOutcome.DONE;
  }

  private static void row(PrintWriter out, String stage, double nanos, double total, long images) {
    out.printf(
        Locale.ROOT, "%-22s %9.1f %6.1f%%%n", stage, nanos / 1e3 / images, 100 * nanos / total);
  }

  private ImageConfig image() {
    try {
      return ImageConfig.ofSize(size);
    } catch (IllegalArgumentException e) {
      throw new UserError("--size: " + e.getMessage(), e);
    }
  }

  /** The paper's 32-pixel patches, or one patch where they do not divide the image. */
  private MaskConfig mask() {
    return new MaskConfig(size % 32 == 0 ? 32 : size, MASK_RATIO);
  }
}
