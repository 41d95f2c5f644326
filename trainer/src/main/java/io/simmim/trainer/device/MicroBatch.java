package io.simmim.trainer.device;

import ai.djl.ndarray.types.DataType;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The images and masks of one forward and backward pass, (m, 3, S, S) and (m, G, G). Refers to the
 * arrays it was made of and copies them only when the model takes them, so it is cheap; those
 * arrays must not change until then.
 */
public final class MicroBatch {
  /** The JVM has no longer arrays. */
  private static final int LONGEST_BUFFER = Integer.MAX_VALUE - 8;

  private final int images;
  private final int imageSize;
  private final int maskSide;
  private final DataType pixelType;
  private final Consumer<ByteBuffer> pixels;
  private final Consumer<ByteBuffer> masks;
  private final float[] targets;
  private final List<TensorChunk> chunks;

  private MicroBatch(
      int images,
      int imageSize,
      int maskSide,
      DataType pixelType,
      Consumer<ByteBuffer> pixels,
      Consumer<ByteBuffer> masks,
      float[] targets,
      List<TensorChunk> chunks) {
    if (images < 1) {
      throw new IllegalArgumentException("a micro-batch must have at least 1 image: " + images);
    }
    this.images = images;
    this.imageSize = imageSize;
    this.maskSide = maskSide;
    this.pixelType = pixelType;
    this.pixels = pixels;
    this.masks = masks;
    this.targets = targets;
    this.chunks = chunks;
  }

  /**
   * The images of some chunks, in order; uint8 pixels are normalised on the device.
   *
   * @param chunks at least one image in all; equal image size and mask grid
   */
  public static MicroBatch of(List<TensorChunk> chunks) {
    List<TensorChunk> parts = List.copyOf(chunks);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a micro-batch must have at least 1 image: 0");
    }
    int imageSize = parts.get(0).imageSize();
    int maskSide = parts.get(0).maskSide();
    int images = 0;
    for (TensorChunk part : parts) {
      if (part.imageSize() != imageSize || part.maskSide() != maskSide) {
        throw new IllegalArgumentException(
            "chunks of one micro-batch must have image size %d and mask side %d: %d, %d"
                .formatted(imageSize, maskSide, part.imageSize(), part.maskSide()));
      }
      images += part.size();
    }
    return new MicroBatch(
        images,
        imageSize,
        maskSide,
        DataType.UINT8,
        into -> parts.forEach(part -> into.put(part.pixels())),
        into -> parts.forEach(part -> into.put(part.masks())),
        new float[0],
        parts);
  }

  /**
   * Images that are normalised already, as recordings hold them.
   *
   * @param pixels (m, 3, S, S)
   * @param masks (m, G, G), 1 = masked
   */
  public static MicroBatch normalised(int imageSize, int maskSide, float[] pixels, byte[] masks) {
    Objects.requireNonNull(pixels, "pixels");
    Objects.requireNonNull(masks, "masks");
    int images = pixels.length / (3 * imageSize * imageSize);
    if (pixels.length != images * 3 * imageSize * imageSize
        || masks.length != images * maskSide * maskSide) {
      throw new IllegalArgumentException(
          "pixels must hold images of 3 x %d x %d and masks %d x %d values each: %d, %d"
              .formatted(imageSize, imageSize, maskSide, maskSide, pixels.length, masks.length));
    }
    return new MicroBatch(
        images,
        imageSize,
        maskSide,
        DataType.FLOAT32,
        into -> into.asFloatBuffer().put(pixels),
        into -> into.put(masks),
        new float[0],
        List.of());
  }

  /**
   * The same images with what a classifier should say of them.
   *
   * @param soft (m, C), a probability for each class, not copied
   */
  public MicroBatch withTargets(float[] soft) {
    if (soft.length == 0 || soft.length % images != 0) {
      throw new IllegalArgumentException(
          "targets must have equally many values for each of %d images: %d"
              .formatted(images, soft.length));
    }
    return new MicroBatch(images, imageSize, maskSide, pixelType, pixels, masks, soft, chunks);
  }

  /**
   * Refuses micro-batches that no buffer of Java holds.
   *
   * @param bytes of its images, and of what else goes to the device with them
   * @throws UserError that tells what to change
   */
  public static void requireRoom(long bytes) {
    if (bytes > LONGEST_BUFFER) {
      throw new UserError(
          "training.micro-batch must be smaller: what goes to the device at once must have at most %,d bytes: %,d"
              .formatted(LONGEST_BUFFER, bytes));
    }
  }

  /** Number of images m. */
  public int images() {
    return images;
  }

  /** Side S of the images in pixels. */
  public int imageSize() {
    return imageSize;
  }

  /** Side G of the masks. */
  public int maskSide() {
    return maskSide;
  }

  /** What it was made of; empty where that were normalised images. */
  public List<TensorChunk> chunks() {
    return chunks;
  }

  /** (m, C), or empty if nothing is to be said of the images. */
  float[] targets() {
    return targets;
  }

  /** Number of classes C that the targets tell apart; 0 for none. */
  int classes() {
    return targets.length / images;
  }

  DataType pixelType() {
    return pixelType;
  }

  /** Writes the pixels from the buffer's position on. */
  public void copyPixels(ByteBuffer into) {
    pixels.accept(into);
  }

  /** Writes the masks from the buffer's position on. */
  public void copyMasks(ByteBuffer into) {
    masks.accept(into);
  }
}
