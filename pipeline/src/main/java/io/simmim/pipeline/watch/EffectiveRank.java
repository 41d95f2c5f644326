package io.simmim.pipeline.watch;

/**
 * How many directions features use: the exponential of the entropy of their singular values, each
 * divided by the sum of all (Roy and Vetterli, "The effective rank: a measure of effective
 * dimensionality", EUSIPCO 2007, section 3). As a sign of collapse without labels it is RankMe
 * (Garrido et al., "RankMe: Assessing the Downstream Performance of Pretrained Self-Supervised
 * Representations by Their Rank", ICML 2023, equation 1). Deviations from that: the mean of the
 * features is subtracted, since one that all images share tells nothing and would hide the rest;
 * nothing is added to the shares, since a share of 0 has an entropy of 0.
 *
 * <p>The singular values are the roots of the eigenvalues of the smaller Gram matrix, in float64:
 * those below about 1e-8 of the largest are rounding, and count as 0. Eigenvalues are found by
 * Householder's reduction to three diagonals and by implicit QL (Wilkinson and Reinsch, "Handbook
 * for Automatic Computation", vol. II, 1971, tred1 and tql1), with {@link StrictMath}: the same
 * features have the same rank on every machine.
 */
final class EffectiveRank {
  /** Eigenvalues below so much of the largest one are rounding. */
  private static final double ROUNDING = 1e-14;

  private static final int MOST_ITERATIONS = 100;

  /** Of so many columns all sums fit into a processor's cache. */
  private static final int COLUMNS_AT_ONCE = 16;

  private EffectiveRank() {}

  /**
   * The effective rank of features.
   *
   * @param features (n, C), one row per image
   * @param width C
   * @return from 1 to the smaller of n - 1 and C; 0 if all rows are equal
   * @throws InterruptedException soon after the thread was interrupted: many features take minutes
   */
  static double of(float[] features, int width) throws InterruptedException {
    double[] eigenvalues = eigenvalues(gram(centred(features, width), width));
    double largest = 0;
    for (double value : eigenvalues) {
      largest = Math.max(largest, value);
    }
    double sum = 0;
    for (double value : eigenvalues) {
      sum += singular(value, largest);
    }
    if (sum == 0) {
      return 0;
    }
    double entropy = 0;
    for (double value : eigenvalues) {
      double share = singular(value, largest) / sum;
      entropy -= share > 0 ? share * StrictMath.log(share) : 0;
    }
    return StrictMath.exp(entropy);
  }

  private static void requireGoingOn() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the rank of features is not wanted any more");
    }
  }

  private static double singular(double eigenvalue, double largest) {
    return eigenvalue > ROUNDING * largest ? StrictMath.sqrt(eigenvalue) : 0;
  }

  private static double[][] centred(float[] features, int width) {
    int rows = features.length / width;
    double[] mean = new double[width];
    for (int i = 0; i < features.length; i++) {
      mean[i % width] += features[i] / (double) rows;
    }
    double[][] centred = new double[rows][width];
    double largest = 0;
    for (int i = 0; i < features.length; i++) {
      double value = features[i] - mean[i % width];
      centred[i / width][i % width] = value;
      largest = Math.max(largest, Math.abs(features[i]));
    }
    // What is left of equal rows is the rounding of their mean.
    double rounding = largest * rows * 0x1p-52;
    for (double[] row : centred) {
      for (int i = 0; i < width; i++) {
        row[i] = Math.abs(row[i]) > rounding ? row[i] : 0;
      }
    }
    return centred;
  }

  /** Of rows with rows, or of columns with columns, whichever is smaller. */
  private static double[][] gram(double[][] matrix, int width) throws InterruptedException {
    double[][] gram = matrix.length <= width ? ofRows(matrix) : ofColumns(matrix, width);
    for (int i = 0; i < gram.length; i++) {
      for (int j = 0; j < i; j++) {
        gram[j][i] = gram[i][j];
      }
    }
    return gram;
  }

  private static double[][] ofRows(double[][] matrix) throws InterruptedException {
    double[][] gram = new double[matrix.length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      requireGoingOn();
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k < matrix[i].length; k++) {
          sum += matrix[i][k] * matrix[j][k];
        }
        gram[i][j] = sum;
      }
    }
    return gram;
  }

  /** Row by row: the columns beside each other would take the memory once more. */
  private static double[][] ofColumns(double[][] matrix, int width) throws InterruptedException {
    double[][] gram = new double[width][width];
    for (int first = 0; first < width; first += COLUMNS_AT_ONCE) {
      int end = Math.min(width, first + COLUMNS_AT_ONCE);
      requireGoingOn();
      for (double[] row : matrix) {
        for (int i = first; i < end; i++) {
          add(row[i], row, gram[i], i);
        }
      }
    }
    return gram;
  }

  private static void add(double factor, double[] row, double[] sums, int last) {
    for (int j = 0; j <= last; j++) {
      sums[j] += factor * row[j];
    }
  }

  /**
   * Eigenvalues of a symmetric matrix, in any order.
   *
   * @param matrix (n, n), changed
   */
  static double[] eigenvalues(double[][] matrix) throws InterruptedException {
    int size = matrix.length;
    double[] diagonal = new double[size];
    double[] beside = new double[size];
    reduce(matrix, diagonal, beside);
    for (int first = 0; first < size; first++) {
      iterate(first, diagonal, beside);
    }
    return diagonal;
  }

  /** Householder: {@code beside[i]} becomes what is right of {@code diagonal[i]}. */
  private static void reduce(double[][] a, double[] diagonal, double[] beside)
      throws InterruptedException {
    int size = a.length;
    double[] vector = new double[size];
    double[] product = new double[size];
    for (int k = 0; k < size - 1; k++) {
      requireGoingOn();
      double norm = 0;
      for (int i = k + 1; i < size; i++) {
        norm = StrictMath.hypot(norm, a[i][k]);
      }
      double length = a[k + 1][k] > 0 ? -norm : norm;
      diagonal[k] = a[k][k];
      beside[k] = length;
      double square = norm * norm - a[k + 1][k] * length;
      if (!(square > 0)) {
        continue; // nothing but zeros below
      }
      for (int i = k + 1; i < size; i++) {
        vector[i] = a[i][k] - (i == k + 1 ? length : 0);
      }
      reflect(a, k + 1, vector, product, square);
    }
    diagonal[size - 1] = a[size - 1][size - 1];
  }

  /** The lower right part A becomes H A H with H = 1 - v v' / s. */
  private static void reflect(
      double[][] a, int from, double[] vector, double[] product, double square) {
    int size = a.length;
    double along = 0;
    for (int i = from; i < size; i++) {
      double sum = 0;
      for (int j = from; j < size; j++) {
        sum += a[i][j] * vector[j];
      }
      product[i] = sum / square;
      along += product[i] * vector[i];
    }
    for (int i = from; i < size; i++) {
      product[i] -= along / (2 * square) * vector[i];
    }
    for (int i = from; i < size; i++) {
      for (int j = from; j < size; j++) {
        a[i][j] -= vector[i] * product[j] + product[i] * vector[j];
      }
    }
  }

  /** Implicit QL until {@code diagonal[first]} is an eigenvalue. */
  private static void iterate(int first, double[] diagonal, double[] beside) {
    int iterations = 0;
    int last = split(first, diagonal, beside);
    while (last > first) {
      iterations++;
      if (iterations > MOST_ITERATIONS) {
        throw new IllegalStateException("the eigenvalues of the features do not converge");
      }
      double half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
      double root = StrictMath.hypot(half, 1);
      double g = diagonal[last] - diagonal[first];
      g += beside[first] / (half + (half >= 0 ? root : -root));
      double sine = 1;
      double cosine = 1;
      double shift = 0;
      int i = last - 1;
      for (; i >= first; i--) {
        double f = sine * beside[i];
        double b = cosine * beside[i];
        double r = StrictMath.hypot(f, g);
        beside[i + 1] = r;
        if (r == 0) {
          diagonal[i + 1] -= shift;
          beside[last] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = diagonal[i + 1] - shift;
        r = (diagonal[i] - g) * sine + 2 * cosine * b;
        shift = sine * r;
        diagonal[i + 1] = g + shift;
        g = cosine * r - b;
      }
      if (i < first) {
        diagonal[first] -= shift;
        beside[first] = g;
        beside[last] = 0;
      }
      last = split(first, diagonal, beside);
    }
  }

  /** The first place from one on where the matrix falls into two. */
  private static int split(int first, double[] diagonal, double[] beside) {
    int last = first;
    while (last < diagonal.length - 1) {
      double size = Math.abs(diagonal[last]) + Math.abs(diagonal[last + 1]);
      if (Math.abs(beside[last]) <= Math.ulp(size)) {
        break;
      }
      last++;
    }
    return last;
  }
}
