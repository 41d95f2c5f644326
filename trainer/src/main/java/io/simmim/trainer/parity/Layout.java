package io.simmim.trainer.parity;

import io.simmim.schemas.safetensors.TensorEntry;

/** Puts what the model returns into the order of the recordings. */
final class Layout {
  private Layout() {}

  /** (B, 3, S, S) to (B, L, patch * patch * 3), rows before columns before channels. */
  static float[] patches(float[] image, int size, int patch) {
    float[] result = new float[image.length];
    int side = size / patch;
    for (int i = 0; i < image.length; i++) {
      int x = i % size;
      int y = i / size % size;
      int channel = i / (size * size) % 3;
      int number = i / (3 * size * size);
      int cell = (number * side + y / patch) * side + x / patch;
      result[((cell * patch + y % patch) * patch + x % patch) * 3 + channel] = image[i];
    }
    return result;
  }

  /** (B, h, w, C) to (B, C, h, w). */
  static float[] channelsFirst(float[] features, TensorEntry target) {
    int channels = target.size(1);
    int cells = target.size(2) * target.size(3);
    float[] result = new float[features.length];
    for (int i = 0; i < features.length; i++) {
      int channel = i % channels;
      int cell = i / channels % cells;
      int image = i / channels / cells;
      result[(image * channels + channel) * cells + cell] = features[i];
    }
    return result;
  }
}
