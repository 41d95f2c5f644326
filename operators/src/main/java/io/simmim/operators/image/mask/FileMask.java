package io.simmim.operators.image.mask;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * Masks every image alike, as a text file says: one line per row of mask patches, 1 = masked, 0 =
 * visible; spaces and empty lines do not count. Figure 4 of the SimMIM paper shows such masks.
 *
 * <p>The file is read where the strategy is made; copies carry the mask, so tasks need no access to
 * the file.
 */
final class FileMask implements MaskStrategy {
  private static final long serialVersionUID = 1;

  /** Characters per patch, and those of line ends, that a file may have: 0 or 1 and one space. */
  private static final int CHARACTERS_PER_PATCH = 4;

  private static final int SPARE_CHARACTERS = 4096;

  private final int gridSide;
  private final byte[] mask;

  private FileMask(int gridSide, byte[] mask) {
    this.gridSide = gridSide;
    this.mask = mask;
  }

  /**
   * Reads a mask.
   *
   * @param file on any Flink file system
   * @param gridSide side G of the mask grid
   * @throws UserError if the file cannot be read, has another size, or masks nothing or everything
   */
  static FileMask read(String file, int gridSide) {
    List<String> rows =
        text(file, gridSide)
            .lines()
            .map(line -> line.replaceAll("\\s", ""))
            .filter(line -> !line.isEmpty())
            .toList();
    if (rows.size() != gridSide) {
      throw new UserError(
          "mask.file %s must have %d rows of 0 and 1, one per row of mask patches: %d"
              .formatted(file, gridSide, rows.size()));
    }
    byte[] mask = new byte[gridSide * gridSide];
    int masked = 0;
    for (int row = 0; row < gridSide; row++) {
      String line = rows.get(row);
      if (line.length() != gridSide) {
        throw new UserError(
            "row %d of mask.file %s must have %d values, one per mask patch: %d"
                .formatted(row + 1, file, gridSide, line.length()));
      }
      for (int column = 0; column < gridSide; column++) {
        char value = line.charAt(column);
        if (value != '0' && value != '1') {
          throw new UserError(
              "row %d of mask.file %s must have values 0 (visible) and 1 (masked): %s"
                  .formatted(row + 1, file, printable(value)));
        }
        mask[row * gridSide + column] = (byte) (value - '0');
        masked += value - '0';
      }
    }
    if (masked == 0 || masked == mask.length) {
      throw new UserError(
          "mask.file %s must mask at least one patch and leave one visible: %d of %d are masked"
              .formatted(file, masked, mask.length));
    }
    return new FileMask(gridSide, mask);
  }

  private static String text(String file, int gridSide) {
    int limit = CHARACTERS_PER_PATCH * gridSide * gridSide + SPARE_CHARACTERS;
    try {
      Path path = StorageUri.path("mask-file", file);
      try (InputStream in = path.getFileSystem().open(path)) {
        byte[] bytes = in.readNBytes(limit + 1);
        if (bytes.length > limit) {
          throw new UserError(
              "mask.file %s must have %d rows of %d values 0 or 1: it has more than %d bytes"
                  .formatted(file, gridSide, gridSide, limit));
        }
        return new String(bytes, StandardCharsets.US_ASCII);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError("mask.file cannot be read: %s (%s)".formatted(file, e.getMessage()), e);
    }
  }

  /** SHA-256 of the mask, (G, G) uint8, as hexadecimal digits. */
  String digest() {
    return Sha256.hex(mask);
  }

  private static String printable(char value) {
    return value > ' ' && value < 127 ? Character.toString(value) : "0x%02x".formatted((int) value);
  }

  @Override
  public int gridSide() {
    return gridSide;
  }

  @Override
  public void mask(Philox random, byte[] masks, int offset) {
    System.arraycopy(mask, 0, masks, offset, mask.length);
  }
}
