package io.simmim.operators.image.jpeg;

import java.util.Arrays;
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

/** Inverse DCT of 64 blocks, and the same column pass in one loop, which C2 leaves scalar. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LaneTransformBenchmark {
  private static final int ROW = 8 * LaneTransform.LANES;

  private final LaneTransform transform = new LaneTransform();
  private final int[] coefficients = new int[LaneTransform.SIZE];
  private final int[] lanes = new int[LaneTransform.SIZE];
  private final int[] steps = new int[LaneTransform.SIZE];

  @Setup
  public void fill() {
    Random random = new Random(1);
    Arrays.fill(steps, 3);
    for (int i = 0; i < coefficients.length; i++) {
      coefficients[i] = random.nextInt(200) - 100;
    }
  }

  @Benchmark
  public int[] bothPassesInSmallLoops() {
    System.arraycopy(coefficients, 0, lanes, 0, lanes.length);
    transform.invert(lanes, steps);
    return lanes;
  }

  @Benchmark
  public int[] columnPassInOneLoop() {
    int[] in = coefficients;
    int[] out = lanes;
    for (int i = 0; i < ROW; i++) {
      int z = (in[2 * ROW + i] + in[6 * ROW + i]) * 4433;
      int t2 = z - in[6 * ROW + i] * 15137;
      int t3 = z + in[2 * ROW + i] * 6270;
      int t0 = ((in[i] + in[4 * ROW + i]) << 13) + 1024;
      int t1 = ((in[i] - in[4 * ROW + i]) << 13) + 1024;
      int b0 = in[7 * ROW + i];
      int b1 = in[5 * ROW + i];
      int b2 = in[3 * ROW + i];
      int b3 = in[ROW + i];
      int z5 = (b0 + b1 + b2 + b3) * 9633;
      int z3 = z5 - (b0 + b2) * 16069;
      int z4 = z5 - (b1 + b3) * 3196;
      int z1 = (b0 + b3) * -7373;
      int z2 = (b1 + b2) * -20995;
      int c0 = b0 * 2446 + z1 + z3;
      int c1 = b1 * 16819 + z2 + z4;
      int c2 = b2 * 25172 + z2 + z3;
      int c3 = b3 * 12299 + z1 + z4;
      out[i] = (t0 + t3 + c3) >> 11;
      out[7 * ROW + i] = (t0 + t3 - c3) >> 11;
      out[ROW + i] = (t1 + t2 + c2) >> 11;
      out[6 * ROW + i] = (t1 + t2 - c2) >> 11;
      out[2 * ROW + i] = (t1 - t2 + c1) >> 11;
      out[5 * ROW + i] = (t1 - t2 - c1) >> 11;
      out[3 * ROW + i] = (t0 - t3 + c0) >> 11;
      out[4 * ROW + i] = (t0 - t3 - c0) >> 11;
    }
    return out;
  }
}
