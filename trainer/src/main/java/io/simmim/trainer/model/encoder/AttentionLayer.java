package io.simmim.trainer.model.encoder;

/**
 * Where the tokens of a block are that attend to each other: all of an image, or those of a window.
 *
 * @param heads H
 * @param side patches along one side of the image
 * @param patchPixels side of a patch, in pixels
 * @param windows n of an image
 * @param patches (n, N), the number of each token's patch, row by row, or {@link #NOWHERE}
 */
public record AttentionLayer(int heads, int side, int patchPixels, int windows, int[] patches) {
  /** A class token's place, and that of what fills up a window behind the border. */
  public static final int NOWHERE = -1;

  /** A block in which a class token, which comes first, and all patches attend to each other. */
  public static AttentionLayer ofWholeImages(int heads, int side, int patchPixels) {
    int[] patches = new int[side * side + 1];
    for (int token = 0; token < patches.length; token++) {
      patches[token] = token == 0 ? NOWHERE : token - 1;
    }
    return new AttentionLayer(heads, side, patchPixels, 1, patches);
  }

  /** Tokens N of a window. */
  public int tokens() {
    return patches.length / windows;
  }

  /** The window of a patch. */
  public int windowOf(int patch) {
    return at(patch) / tokens();
  }

  /** Number of a patch among the tokens of its window. */
  public int tokenOf(int patch) {
    return at(patch) % tokens();
  }

  private int at(int patch) {
    for (int at = 0; at < patches.length; at++) {
      if (patches[at] == patch) {
        return at;
      }
    }
    throw new IllegalArgumentException(
        "patch must be from 0 to %d: %d".formatted(side * side - 1, patch));
  }

  /** (n, N, 2), row and column of each token's centre in pixels; zeros where it has no place. */
  public double[] places() {
    double[] places = new double[2 * patches.length];
    for (int at = 0; at < patches.length; at++) {
      if (patches[at] != NOWHERE) {
        int row = patches[at] / side;
        int column = patches[at] % side;
        places[2 * at] = (row + 0.5) * patchPixels;
        places[2 * at + 1] = (column + 0.5) * patchPixels;
      }
    }
    return places;
  }

  /** (n, N), 1 for a token with a place, 0 for others. */
  public double[] placed() {
    double[] placed = new double[patches.length];
    for (int at = 0; at < patches.length; at++) {
      placed[at] = patches[at] == NOWHERE ? 0 : 1;
    }
    return placed;
  }
}
