package io.simmim.operators.image;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the colours that represent a sample of pixels best: k-means as iGPT uses it for its palette
 * of 512 (Chen et al., "Generative Pretraining from Pixels", ICML 2020, section 3.2), with Lloyd's
 * iteration from the seeds of k-means++ (Arthur and Vassilvitskii, SODA 2007). Distances are
 * Euclidean in RGB. The result is a pure function of the sample and the seed. Not thread-safe.
 */
public final class ColorClusters {
  private static final int MAX_ITERATIONS = 30;

  /** The iteration ends when it brings less: share of the mean squared distance. */
  private static final double LEAST_GAIN = 1e-4;

  private final long seed;
  private final List<float[]> sample = new ArrayList<>();

  /**
   * @param seed the run's seed
   */
  public ColorClusters(long seed) {
    this.seed = seed;
  }

  /**
   * Adds pixels of each image of a chunk, at random places.
   *
   * @param perImage number of pixels
   */
  public void add(TensorChunk chunk, int perImage) {
    int plane = chunk.imageSize() * chunk.imageSize();
    byte[] pixels = chunk.pixels();
    for (int image = 0; image < chunk.size(); image++) {
      Philox random = new Philox(seed, Purpose.COLOR_CLUSTERS, 1, chunk.sampleIds()[image]);
      for (int i = 0; i < perImage; i++) {
        int at = 3 * image * plane + random.nextInt(plane);
        sample.add(
            new float[] {pixels[at] & 255, pixels[at + plane] & 255, pixels[at + 2 * plane] & 255});
      }
    }
  }

  /** Number of pixels in the sample. */
  public int size() {
    return sample.size();
  }

  /**
   * The colours, (count, 3), values between 0 and 255.
   *
   * @throws IllegalStateException if the sample has fewer pixels
   */
  public float[] find(int count) {
    if (sample.size() < count) {
      throw new IllegalStateException(
          "%d colours cannot be found in %d pixels".formatted(count, sample.size()));
    }
    double[][] centres = seeds(count);
    int[] nearest = new int[sample.size()];
    double before = Double.MAX_VALUE;
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      double distance = assign(centres, nearest);
      if (before - distance <= LEAST_GAIN * distance) {
        break;
      }
      before = distance;
      move(centres, nearest);
    }
    float[] values = new float[3 * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) centres[i / 3][i % 3];
    }
    return values;
  }

  /**
   * Each further seed is a pixel, drawn in proportion to its squared distance from those before.
   */
  private double[][] seeds(int count) {
    Philox random = new Philox(seed, Purpose.COLOR_CLUSTERS, 0, 0);
    double[][] centres = new double[count][];
    double[] distances = new double[sample.size()];
    Arrays.fill(distances, Double.MAX_VALUE);
    int chosen = random.nextInt(sample.size());
    for (int k = 0; k < count; k++) {
      float[] pixel = sample.get(chosen);
      centres[k] = new double[] {pixel[0], pixel[1], pixel[2]};
      double sum = 0;
      for (int i = 0; i < distances.length; i++) {
        distances[i] = Math.min(distances[i], squaredDistance(sample.get(i), centres[k]));
        sum += distances[i];
      }
      double left = random.nextDouble() * sum;
      chosen = 0;
      while (chosen < distances.length - 1 && (left -= distances[chosen]) > 0) {
        chosen++;
      }
    }
    return centres;
  }

  /** Finds each pixel's nearest centre; returns the mean squared distance. */
  private double assign(double[][] centres, int[] nearest) {
    double sum = 0;
    for (int i = 0; i < nearest.length; i++) {
      float[] pixel = sample.get(i);
      double least = Double.MAX_VALUE;
      for (int k = 0; k < centres.length; k++) {
        double distance = squaredDistance(pixel, centres[k]);
        if (distance < least) {
          least = distance;
          nearest[i] = k;
        }
      }
      sum += least;
    }
    return sum / nearest.length;
  }

  /** Moves each centre to the mean of its pixels; one without pixels stays. */
  private void move(double[][] centres, int[] nearest) {
    double[][] sums = new double[centres.length][3];
    int[] counts = new int[centres.length];
    for (int i = 0; i < nearest.length; i++) {
      float[] pixel = sample.get(i);
      counts[nearest[i]]++;
      for (int c = 0; c < 3; c++) {
        sums[nearest[i]][c] += pixel[c];
      }
    }
    for (int k = 0; k < centres.length; k++) {
      for (int c = 0; c < 3 && counts[k] > 0; c++) {
        centres[k][c] = sums[k][c] / counts[k];
      }
    }
  }

  private static double squaredDistance(float[] pixel, double[] centre) {
    double red = pixel[0] - centre[0];
    double green = pixel[1] - centre[1];
    double blue = pixel[2] - centre[2];
    return red * red + green * green + blue * blue;
  }
}
