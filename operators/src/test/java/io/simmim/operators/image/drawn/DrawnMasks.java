package io.simmim.operators.image.drawn;

import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.operators.image.mask.MaskType;
import io.simmim.operators.image.mask.SquarePlace;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.ArrayList;
import java.util.List;

/** Masks of a strategy, as bytes and as text. */
public final class DrawnMasks {
  private DrawnMasks() {}

  /** Masks of the first positions of epoch 0. */
  public static List<byte[]> draw(MaskStrategy strategy, long seed, int count) {
    List<byte[]> masks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] mask = new byte[strategy.patches()];
      strategy.mask(new Philox(seed, Purpose.MASK, 0, i), mask, 0);
      masks.add(mask);
    }
    return masks;
  }

  public static MaskConfig config(MaskType type, int patchSize, double ratio) {
    return new MaskConfig(type, patchSize, ratio, SquarePlace.RANDOM, null);
  }

  public static int masked(byte[] mask) {
    int count = 0;
    for (byte value : mask) {
      count += value;
    }
    return count;
  }

  /** Rows of 0 and 1, with a space between two. */
  public static String rows(byte[] mask, int side) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < mask.length; i++) {
      rows.append(i > 0 && i % side == 0 ? " " : "").append(mask[i]);
    }
    return rows.toString();
  }
}
