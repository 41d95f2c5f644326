package io.simmim.pipeline.analyze;

import io.simmim.operators.image.mask.AvgDist;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.image.mask.MaskType;
import io.simmim.operators.image.mask.SquarePlace;
import io.simmim.pipeline.chart.Axis;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Chart;
import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * AvgDist against mask ratio for every strategy and mask patch size: the SimMIM paper's figure
 * 3(a).
 */
public final class MaskAnalysis {
  private static final List<MaskType> STRATEGIES =
      List.of(MaskType.RANDOM, MaskType.BLOCK, MaskType.SQUARE);

  /** The mask patches of the paper, in pixels. */
  private static final List<Integer> PATCH_SIZES = List.of(4, 8, 16, 32, 64);

  private static final double[] RATIOS = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

  /** Standard error over mean at which enough masks were drawn. */
  private static final double RELATIVE_ERROR = 0.005;

  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;

  private final int size;
  private final List<Curve> curves;

  private MaskAnalysis(int size, List<Curve> curves) {
    this.size = size;
    this.curves = curves;
  }

  /**
   * Draws masks and measures them.
   *
   * @param size side of the images, in pixels
   * @param masks most masks per ratio
   * @param squarePlace where the region of strategy square is
   * @throws IllegalArgumentException if no mask patch divides the size
   */
  public static MaskAnalysis run(int size, int masks, SquarePlace squarePlace, long seed) {
    List<Curve> curves = new ArrayList<>();
    for (MaskType strategy : STRATEGIES) {
      for (int patch : PATCH_SIZES) {
        double[] curve = new double[RATIOS.length];
        for (int i = 0; i < RATIOS.length; i++) {
          curve[i] = measure(size, strategy, patch, RATIOS[i], masks, squarePlace, seed);
        }
        if (!DoubleStream.of(curve).allMatch(Double::isNaN)) {
          curves.add(new Curve(strategy, patch, curve));
        }
      }
    }
    if (curves.isEmpty()) {
      throw new IllegalArgumentException(
          "size must be a multiple of a mask patch, %s pixels, and larger: %d"
              .formatted(PATCH_SIZES, size));
    }
    return new MaskAnalysis(size, curves);
  }

  private static double measure(
      int size,
      MaskType strategy,
      int patch,
      double ratio,
      int masks,
      SquarePlace squarePlace,
      long seed) {
    MaskConfig config = new MaskConfig(strategy, patch, ratio, squarePlace, null);
    try {
      config.requireFits(size, patch);
    } catch (IllegalArgumentException e) {
      // Patches that do not divide the image, too few for a block, or all of them masked: no row.
      return Double.NaN;
    }
    return AvgDist.estimate(size, config, seed, RELATIVE_ERROR, masks).mean();
  }

  /** Prints a row per strategy and patch size and a column per ratio, in pixels. */
  public void print(PrintWriter out) {
    out.printf("AvgDist in pixels on images of %d pixels, by mask ratio%n", size);
    StringBuilder header = new StringBuilder("%-12s".formatted("patches"));
    for (double ratio : RATIOS) {
      header.append(String.format(Locale.ROOT, "%8.1f", ratio));
    }
    out.println(header);
    for (Curve curve : curves) {
      StringBuilder row = new StringBuilder("%-12s".formatted(curve.name()));
      for (int i = 0; i < RATIOS.length; i++) {
        OptionalDouble value = curve.at(i);
        row.append(
            value.isPresent()
                ? String.format(Locale.ROOT, "%8.2f", value.getAsDouble())
                : "%8s".formatted("-"));
      }
      out.println(row);
    }
  }

  /**
   * Draws the table: a colour per patch size, a style of lines per strategy.
   *
   * @return an {@code svg} element
   */
  public String svg() {
    return new Chart(
            "AvgDist of mask strategies on images of " + size + " pixels",
            "How far masked pixels are from visible ones on average, by mask ratio; a line for each"
                + " strategy and patch size in pixels.",
            new Axis("mask ratio", Scale.EXACT),
            new Axis("AvgDist in pixels", Scale.LOGARITHMIC),
            curves.stream().map(MaskAnalysis::series).toList())
        .svg("masks", WIDTH, HEIGHT);
  }

  private static Series series(Curve curve) {
    Style style =
        switch (curve.strategy()) {
          case BLOCK -> Style.LINE;
          case SQUARE -> Style.DASHES;
          default -> Style.LINE_AND_DOTS;
        };
    return new Series(
        curve.name(),
        style,
        PATCH_SIZES.indexOf(curve.patchSize()),
        IntStream.range(0, RATIOS.length)
            .mapToObj(i -> Point.of(RATIOS[i], curve.avgDist()[i]))
            .toList());
  }
}
