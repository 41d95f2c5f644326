package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.TensorChunk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ColorClustersTest {
  private static final int SIZE = 16;
  private static final int[][] COLORS = {{20, 30, 40}, {120, 60, 200}, {240, 240, 10}};

  /** One image per colour and sample id, each value up to 4 off. */
  private static TensorChunk chunk() {
    Random random = new Random(1);
    int plane = SIZE * SIZE;
    byte[] pixels = new byte[COLORS.length * 3 * plane];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (COLORS[i / (3 * plane)][i / plane % 3] + random.nextInt(9) - 4);
    }
    return new TensorChunk(
        0, 0, SIZE, 1, new long[] {5, 6, 7}, pixels, new byte[COLORS.length], List.of());
  }

  private static float[] find(long seed, int count) {
    ColorClusters clusters = new ColorClusters(seed);
    clusters.add(chunk(), 100);
    assertThat(clusters.size()).isEqualTo(300);
    return clusters.find(count);
  }

  @Test
  void findsTheColoursThatAreThere() {
    float[] values = find(3, 3);

    List<float[]> colors = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      colors.add(new float[] {values[3 * k], values[3 * k + 1], values[3 * k + 2]});
    }
    colors.sort(Comparator.comparingDouble(color -> color[0]));
    for (int k = 0; k < 3; k++) {
      for (int c = 0; c < 3; c++) {
        assertThat(colors.get(k)[c]).isCloseTo(COLORS[k][c], within(1f));
      }
    }
  }

  @Test
  void dependsOnSampleAndSeedAlone() {
    assertThat(find(3, 20)).isEqualTo(find(3, 20)).isNotEqualTo(find(4, 20));
  }

  @Test
  void needsAPixelForEachColour() {
    ColorClusters clusters = new ColorClusters(0);
    clusters.add(chunk(), 2);

    assertThatThrownBy(() -> clusters.find(7))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("7 colours cannot be found in 6 pixels");
  }
}
