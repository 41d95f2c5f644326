package io.simmim.operators.image.randaugment;

import io.simmim.operators.image.crop.InterpolationChoice;
import io.simmim.operators.image.pixel.RgbPlanes;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
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

/** The operations of {@code rand-m9-mstd0.5-inc1} on images of 224 pixels, as they are drawn. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RandAugmentBenchmark {
  private static final int SIZE = 224;
  private static final int[] FILL = {124, 116, 104};

  private final RandAugment augment =
      RandAugment.parse("rand-m9-mstd0.5-inc1", InterpolationChoice.BICUBIC);
  private final RgbPlanes planes = new RgbPlanes(SIZE, SIZE);
  private final byte[] image = new byte[3 * SIZE * SIZE];
  private final byte[] changed = new byte[3 * SIZE * SIZE];
  private long position;

  @Setup
  public void fill() {
    Random random = new Random(1);
    for (int i = 0; i < image.length; i++) {
      int row = i / SIZE;
      double wave = 100 * Math.sin(i % SIZE / 7.0 + row / 11.0);
      double level = 128 + wave + 9 * random.nextGaussian();
      image[i] = (byte) Math.max(0, Math.min(255, (int) level));
    }
  }

  @Benchmark
  public byte[] operations() {
    System.arraycopy(image, 0, changed, 0, image.length);
    Philox random = new Philox(1, Purpose.RAND_AUGMENT, 0, position++);
    for (PixelOperation operation : augment.draw(random)) {
      operation.apply(planes.at(changed, 0), FILL);
    }
    return changed;
  }
}
