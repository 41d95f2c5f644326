package io.simmim.operators.image.crop;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The horizontal pass over a strip of 430 × 128 pixels to 192 columns: {@link LineBlend}, and the
 * same sums in one loop for the three channels.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LineBlendBenchmark {
  private static final int ROWS = 128;
  private static final int TARGETS = 192;

  private final int[][] lines = new int[430][ROWS];
  private final LineFilter filter = new LineFilter();
  private final LineBlend blend = new LineBlend();
  private final int[] result = new int[ROWS];

  @Setup
  public void fill() {
    Random random = new Random(1);
    for (int[] line : lines) {
      for (int i = 0; i < ROWS; i++) {
        line[i] = random.nextInt(1 << 24);
      }
    }
    filter.prepare(new LineFilter.Lines(lines.length, TARGETS, 0, TARGETS, Interpolation.BILINEAR));
    blend.reserve(ROWS);
  }

  @Benchmark
  public int[] loopPerChannel() {
    for (int x = 0; x < TARGETS; x++) {
      blend.blend(lines, filter, x, result, 0, ROWS);
    }
    return result;
  }

  @Benchmark
  public int[] oneLoop() {
    for (int x = 0; x < TARGETS; x++) {
      for (int y = 0; y < ROWS; y++) {
        int red = LineFilter.HALF;
        int green = LineFilter.HALF;
        int blue = LineFilter.HALF;
        for (int t = 0; t < filter.counts[x]; t++) {
          int pixel = lines[filter.first[x] + t][y];
          int weight = filter.weights[x * filter.taps + t];
          red += (pixel & 255) * weight;
          green += ((pixel >> 8) & 255) * weight;
          blue += (pixel >> 16) * weight;
        }
        result[y] = (red >>> 22) | ((green >>> 22) << 8) | ((blue >>> 22) << 16);
      }
    }
    return result;
  }
}
