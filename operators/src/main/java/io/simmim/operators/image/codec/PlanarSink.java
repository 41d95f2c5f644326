package io.simmim.operators.image.codec;

/** Collects a decoded crop as planes (3, H, W), uint8, RGB. */
public final class PlanarSink implements PixelSink {
  public final byte[] planes;
  private final int width;
  private final int height;
  private int received;

  public PlanarSink(int width, int height) {
    this.width = width;
    this.height = height;
    planes = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
  }

  @Override
  public void restart() {
    received = 0;
  }

  @Override
  public void strip(int[][] columns, int first, int rows) {
    int plane = width * height;
    for (int y = 0; y < rows; y++) {
      int row = (received + y) * width;
      for (int x = 0; x < width; x++) {
        int pixel = columns[x][first + y];
        planes[row + x] = (byte) pixel;
        planes[row + x + plane] = (byte) (pixel >> 8);
        planes[row + x + 2 * plane] = (byte) (pixel >> 16);
      }
    }
    received += rows;
  }
}
