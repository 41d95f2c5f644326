package io.simmim.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.random.Philox;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EffectiveRankTest {
  private static final Offset<Double> CLOSE = within(1e-6);

  @Test
  void equalSingularValuesCountAsManyDirections() throws Exception {
    // Columns are centred; both singular values are the root of 2.
    assertThat(EffectiveRank.of(new float[] {1, 0, -1, 0, 0, 1, 0, -1}, 2)).isEqualTo(2, CLOSE);
  }

  @Test
  void unequalOnesCountByTheirEntropy() throws Exception {
    // Singular values 3 and 1 times the root of 2: shares 3/4 and 1/4.
    double expected = Math.exp(0.75 * Math.log(4 / 3.0) + 0.25 * Math.log(4));
    assertThat(EffectiveRank.of(new float[] {3, 0, -3, 0, 0, 1, 0, -1}, 2))
        .isEqualTo(expected, CLOSE);
  }

  @Test
  void whatAllImagesShareDoesNotCount() throws Exception {
    float[] rows = {3, 0, -3, 0, 0, 1, 0, -1};
    float[] moved = rows.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += i % 2 == 0 ? 100 : -50;
    }
    assertThat(EffectiveRank.of(moved, 2)).isEqualTo(EffectiveRank.of(rows, 2), CLOSE);
  }

  @Test
  void aLineIsOneDirection() throws Exception {
    assertThat(EffectiveRank.of(new float[] {1, 2, 3, 2, 4, 6, 5, 10, 15}, 3)).isEqualTo(1, CLOSE);
  }

  @Test
  void equalFeaturesHaveNone() throws Exception {
    float[] rows = new float[7 * 3];
    Arrays.fill(rows, 0.1f);
    assertThat(EffectiveRank.of(rows, 3)).isZero();
  }

  /** Five rows of width 64 span four directions when they are centred. */
  @Test
  void fewImagesLimitIt() throws Exception {
    float[] rows = new float[5 * 64];
    for (int i = 0; i < 5; i++) {
      rows[i * 64 + i] = 1;
    }
    assertThat(EffectiveRank.of(rows, 64)).isEqualTo(4, CLOSE);
  }

  /** As the task is that measures, when its run is stopped; it waits for this. */
  @Test
  void endsWhenItIsInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> EffectiveRank.of(new float[] {1, 0, -1, 0, 0, 1, 0, -1}, 2))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  /** As many rows as columns, of random numbers: scaling and order do not matter. */
  @Test
  void doesNotDependOnScaleOrOrder() throws Exception {
    Philox random = new Philox(5, Philox.Purpose.CROP, 0, 0);
    int width = 40;
    float[] rows = new float[90 * width];
    float[] other = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
      other[rows.length - 1 - i] = 4 * rows[i];
    }
    double rank = EffectiveRank.of(rows, width);
    assertThat(rank).isBetween(30.0, 40.0);
    assertThat(EffectiveRank.of(other, width)).isEqualTo(rank, CLOSE);
  }

  /** The second difference has the eigenvalues 2 - 2 cos(k π / (n + 1)). */
  @Test
  void findsKnownEigenvalues() throws Exception {
    int size = 30;
    double[][] matrix = new double[size][size];
    double[] expected = new double[size];
    for (int i = 0; i < size; i++) {
      matrix[i][i] = 2;
      if (i > 0) {
        matrix[i][i - 1] = -1;
        matrix[i - 1][i] = -1;
      }
      expected[i] = 2 - 2 * Math.cos((i + 1) * Math.PI / (size + 1));
    }
    double[] found = EffectiveRank.eigenvalues(matrix);
    Arrays.sort(found);
    assertThat(found).containsExactly(expected, within(1e-12));
  }

  /** A full matrix: a reflection of a diagonal one, whose eigenvalues it has. */
  @Test
  void findsThemInAFullMatrix() throws Exception {
    int size = 25;
    double[] axis = new double[size];
    double square = 0;
    for (int i = 0; i < size; i++) {
      axis[i] = 1 + i % 4;
      square += axis[i] * axis[i];
    }
    double[][] matrix = new double[size][size];
    double[] expected = new double[size];
    for (int k = 0; k < size; k++) {
      expected[k] = (k - k % 3) / 3.0; // every one three times
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          double left = (i == k ? 1 : 0) - 2 * axis[i] * axis[k] / square;
          double right = (j == k ? 1 : 0) - 2 * axis[j] * axis[k] / square;
          matrix[i][j] += expected[k] * left * right;
        }
      }
    }
    double[] found = EffectiveRank.eigenvalues(matrix);
    Arrays.sort(found);
    assertThat(found).containsExactly(expected, within(1e-12));
  }
}
