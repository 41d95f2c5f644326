package io.simmim.pipeline.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A picture for TensorBoard.
 *
 * @param png the whole file. Not copied: treat as read-only
 */
record EventPicture(String tag, int width, int height, byte[] png) {
  /** Where the header of a PNG has width and height. */
  private static final int SIZE_OFFSET = 16;

  /** Colours of RGB, as TensorBoard counts them. */
  static final int COLORS = 3;

  /**
   * A picture whose size the file tells.
   *
   * @throws IOException if it is none
   */
  static EventPicture ofPng(String tag, byte[] png) throws IOException {
    if (png.length < SIZE_OFFSET + 2 * Integer.BYTES || png[1] != 'P') {
      throw new IOException("no PNG");
    }
    ByteBuffer header = ByteBuffer.wrap(png);
    return new EventPicture(
        tag, header.getInt(SIZE_OFFSET), header.getInt(SIZE_OFFSET + Integer.BYTES), png);
  }
}
