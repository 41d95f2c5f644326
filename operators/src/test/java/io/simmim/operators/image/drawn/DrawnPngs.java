package io.simmim.operators.image.drawn;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Real PNGs of random samples: every color type and depth, interlaced or not, with all filters. */
public final class DrawnPngs {
  public static final int GRAY = 0;
  public static final int RGB = 2;
  public static final int PALETTE = 3;
  public static final int GRAY_ALPHA = 4;
  public static final int RGB_ALPHA = 6;

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  private static final int[] CHANNELS = {1, 0, 3, 1, 2, 0, 4};
  private static final int[][] WHOLE = {{0, 0, 1, 1}};
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  public final int width;
  public final int height;
  public final int depth;
  public final int colorType;
  public final boolean interlaced;

  /** (H, W, channels). */
  public final int[] samples;

  public final byte[] palette;
  private final Random random;

  public DrawnPngs(long seed, int width, int height, int depth, int colorType, boolean interlaced) {
    this.width = width;
    this.height = height;
    this.depth = depth;
    this.colorType = colorType;
    this.interlaced = interlaced;
    random = new Random(seed);
    samples = random.ints((long) width * height * channels(), 0, 1 << depth).toArray();
    palette = new byte[3 * (colorType == PALETTE ? 1 << depth : 0)];
    random.nextBytes(palette);
  }

  public int channels() {
    return CHANNELS[colorType];
  }

  /** What the pixel is in RGB. */
  public int[] rgb(int x, int y) {
    int at = (y * width + x) * channels();
    if (colorType == PALETTE) {
      int color = samples[at] * 3;
      return new int[] {palette[color] & 255, palette[color + 1] & 255, palette[color + 2] & 255};
    }
    int second = channels() >= 3 ? at + 1 : at;
    int third = channels() >= 3 ? at + 2 : at;
    return new int[] {level(samples[at]), level(samples[second]), level(samples[third])};
  }

  private int level(int sample) {
    return depth == 16 ? sample >> 8 : sample * 255 / ((1 << depth) - 1);
  }

  /** The file, its data in a few chunks. */
  public byte[] file() {
    byte[] data = data();
    int half = data.length / 2;
    return file(
        header(),
        colorType == PALETTE ? chunk("PLTE", palette) : new byte[0],
        chunk("IDAT", Arrays.copyOf(data, half)),
        chunk("IDAT"),
        chunk("IDAT", Arrays.copyOfRange(data, half, data.length)),
        chunk("IEND"));
  }

  public byte[] header() {
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) depth).put((byte) colorType).put((byte) 0).put((byte) 0);
    return chunk("IHDR", header.put((byte) (interlaced ? 1 : 0)).array());
  }

  /** The deflated rows. */
  public byte[] data() {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    for (int[] pass : interlaced ? ADAM7 : WHOLE) {
      byte[] before = null;
      for (int y = pass[1]; y < height && width > pass[0]; y += pass[3]) {
        byte[] row = row(pass, y);
        int filter = random.nextInt(5);
        rows.write(filter);
        rows.writeBytes(filtered(row, before == null ? new byte[row.length] : before, filter));
        before = row;
      }
    }
    return deflated(rows.toByteArray());
  }

  private byte[] row(int[] pass, int y) {
    int pixels = (width - pass[0] + pass[2] - 1) / pass[2];
    byte[] row = new byte[(pixels * channels() * depth + 7) / 8];
    int bit = 0;
    for (int x = pass[0]; x < width; x += pass[2]) {
      for (int channel = 0; channel < channels(); channel++) {
        int sample = samples[(y * width + x) * channels() + channel];
        for (int i = depth - 1; i >= 0; i--, bit++) {
          row[bit / 8] |= (byte) ((sample >> i & 1) << (7 - bit % 8));
        }
      }
    }
    return row;
  }

  private byte[] filtered(byte[] row, byte[] before, int filter) {
    int distance = Math.max(1, channels() * depth / 8);
    byte[] result = new byte[row.length];
    for (int i = 0; i < row.length; i++) {
      int left = i < distance ? 0 : row[i - distance] & 255;
      int above = before[i] & 255;
      int diagonal = i < distance ? 0 : before[i - distance] & 255;
      int guess =
          switch (filter) {
            case 1 -> left;
            case 2 -> above;
            case 3 -> (left + above) / 2;
            case 4 -> paeth(left, above, diagonal);
            default -> 0;
          };
      result[i] = (byte) (row[i] - guess);
    }
    return result;
  }

  private static int paeth(int left, int above, int diagonal) {
    int guess = left + above - diagonal;
    int toLeft = Math.abs(guess - left);
    int toAbove = Math.abs(guess - above);
    int toDiagonal = Math.abs(guess - diagonal);
    if (toLeft <= toAbove && toLeft <= toDiagonal) {
      return left;
    }
    return toAbove <= toDiagonal ? above : diagonal;
  }

  public static byte[] deflated(byte[] bytes) {
    Deflater deflater = new Deflater();
    deflater.setInput(bytes);
    deflater.finish();
    byte[] result = new byte[bytes.length + bytes.length / 100 + 64];
    int length = deflater.deflate(result);
    deflater.end();
    return Arrays.copyOf(result, length);
  }

  public static byte[] chunk(String type, byte... content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 checksum = new CRC32();
    checksum.update(name);
    checksum.update(content);
    return ByteBuffer.allocate(content.length + 12)
        .putInt(content.length)
        .put(name)
        .put(content)
        .putInt((int) checksum.getValue())
        .array();
  }

  /** The signature and what follows it. */
  public static byte[] file(byte[]... chunks) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    for (byte[] chunk : chunks) {
      file.writeBytes(chunk);
    }
    return file.toByteArray();
  }
}
