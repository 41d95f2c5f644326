package io.simmim.operators.image.codec;

/**
 * Receives the decoded pixels of a crop from top to bottom, a strip of rows at a time.
 *
 * <p>A strip is one int array per column of the crop: {@code columns[x][first + y]} is row y of the
 * strip, R | G &lt;&lt; 8 | B &lt;&lt; 16. Columns, because the first pass of the resampling mixes
 * neighbouring columns with the same weights for all rows, which the compiler vectorizes.
 */
public interface PixelSink {
  /** Forgets the strips so far: another decoder begins again at the top. */
  void restart();

  /**
   * Takes the next rows.
   *
   * @param columns at least as many as the crop is wide; reused by the decoder after the call
   * @param first index of the strip's first row in the arrays
   * @param rows number of rows
   */
  void strip(int[][] columns, int first, int rows);
}
