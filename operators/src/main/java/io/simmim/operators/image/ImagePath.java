package io.simmim.operators.image;

import io.simmim.operators.image.augment.Augmentation;
import io.simmim.operators.image.augment.PretrainingAugmentation;
import io.simmim.operators.image.augment.SampleDraws;
import io.simmim.operators.image.codec.DecodeFailure;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.CropResampler;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.format.ImageDecoder;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.operators.image.pixel.RgbPlanes;
import io.simmim.operators.image.randaugment.PixelOperation;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.random.Philox.Purpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Turns the compressed images of a chunk into a tensor chunk: decode, crop, resize, flip and change
 * as an {@link Augmentation} says, mask. The result is a pure function of (seed, epoch, position,
 * bytes): image i of a chunk has position {@code firstPosition + i}, whether the ones before it are
 * readable or not.
 *
 * <p>An image that cannot be used is left out and named in {@link TensorChunk#rejected}; it never
 * fails the chunk, not even where its decoder runs out of memory or stack. A JVM that is at its end
 * does, and so do missing libraries.
 *
 * <p>Confined to one thread. Owns native buffers: close it.
 */
public final class ImagePath implements AutoCloseable {
  private static final int MAX_REASON_LENGTH = 300;

  private final ImageConfig limits;
  private final Augmentation augmentation;
  private final long seed;
  private final MaskStrategy masker;
  private final CropResampler resampler;
  private final RgbPlanes planes;
  private final ImageDecoder decoder;

  /** What becomes about 0 when it is normalised. */
  private final int[] fill;

  private long images;
  private long rejectedImages;
  private long decodeNanos;
  private long resizeNanos;
  private long maskNanos;

  /**
   * The path of pre-training.
   *
   * @param seed the run's seed
   */
  public ImagePath(ImageConfig config, MaskConfig mask, long seed) {
    this(config, mask.strategyFor(config.size()), seed);
  }

  ImagePath(ImageConfig config, MaskStrategy mask, long seed) {
    this(config, new PretrainingAugmentation(config), mask, seed);
  }

  /**
   * Any path.
   *
   * @param limits of what is decoded at all, and how the model normalises what is made
   * @param seed the run's seed
   */
  public ImagePath(ImageConfig limits, Augmentation augmentation, MaskStrategy mask, long seed) {
    this.limits = limits;
    this.augmentation = augmentation;
    this.seed = seed;
    masker = mask;
    resampler = new CropResampler(augmentation.size());
    planes = new RgbPlanes(augmentation.size(), augmentation.size());
    decoder = new ImageDecoder(limits);
    fill = fill(limits.normalization());
  }

  private static int[] fill(Normalization normalization) {
    return normalization.mean().stream().mapToInt(mean -> (int) Math.rint(255 * mean)).toArray();
  }

  /** Decodes, augments, masks and packs one chunk. */
  public TensorChunk apply(EncodedChunk chunk) {
    int size = augmentation.size();
    int imageBytes = 3 * size * size;
    int planned = chunk.images().size();
    long[] sampleIds = new long[planned];
    byte[] pixels = new byte[Math.multiplyExact(planned, imageBytes)];
    byte[] masks = new byte[planned * masker.patches()];
    List<RejectedImage> rejected = new ArrayList<>();
    int used = 0;
    try {
      for (int i = 0; i < planned; i++) {
        SampleDraws draws = new SampleDraws(seed, chunk.epoch(), chunk.firstPosition() + i);
        // No variable holds the image, whose bytes are given up when the next one is asked for.
        String reason = augment(chunk.images().get(i), draws, pixels, used * imageBytes);
        ImageRef ref = chunk.images().get(i).ref();
        if (reason == null) {
          mask(draws, masks, used * masker.patches());
          sampleIds[used++] = ref.sampleId();
        } else {
          rejected.add(rejected(ref, reason));
        }
      }
    } finally {
      chunk.done();
    }
    images += used;
    rejectedImages += rejected.size();
    return new TensorChunk(
        chunk.index(),
        chunk.epoch(),
        size,
        masker.gridSide(),
        shortened(sampleIds, used),
        shortened(pixels, used * imageBytes),
        shortened(masks, used * masker.patches()),
        rejected);
  }

  private static RejectedImage rejected(ImageRef ref, String reason) {
    return new RejectedImage(
        ref.sampleId(), ref.name(), reason, ref.version(), System.currentTimeMillis());
  }

  /** Writes the pixels of one image, or returns the reason why it cannot. */
  private String augment(EncodedImage image, SampleDraws draws, byte[] into, int offset) {
    if (image.failure() != null) {
      return oneLine(image.failure());
    }
    for (boolean again = false; ; again = true) {
      try {
        augment(image.bytes(), draws, into, offset);
        return null;
      } catch (UnreadableImageException e) {
        return oneLine(e.getMessage());
      } catch (DecodeMemory.InterruptedWaitException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        // Decoders meet whatever lies in a bucket; what they throw at it is a property of the file.
        return oneLine("cannot be decoded: " + e);
      } catch (Error e) {
        if (!DecodeFailure.isOfTheImage(e)) {
          throw e;
        }
        // Once more: it may have been another task that had the heap.
        if (again || !(e instanceof OutOfMemoryError)) {
          return oneLine("cannot be decoded: " + e);
        }
      } finally {
        resampler.trim();
        decoder.trim();
      }
    }
  }

  private void augment(byte[] file, SampleDraws draws, byte[] into, int offset) throws IOException {
    long start = System.nanoTime();
    ImageHeader header = ImageHeaders.parse(file, limits);
    ResizedCrop crop = augmentation.crop(header.width(), header.height(), draws);
    DecodeMemory.requireHeap(
        resampler.heapBytes(crop),
        () ->
            String.format(
                Locale.ROOT,
                "a crop of %d x %d pixels",
                crop.source().width(),
                crop.source().height()));
    CropBox needed = resampler.begin(crop);
    decoder.decode(file, header, needed, resampler);
    long decoded = System.nanoTime();
    resampler.finish(into, offset);
    for (PixelOperation operation : augmentation.operations(draws)) {
      operation.apply(planes.at(into, offset), fill);
    }
    planes.release();
    decodeNanos += decoded - start - resampler.stripNanos();
    resizeNanos += System.nanoTime() - decoded + resampler.stripNanos();
  }

  private void mask(SampleDraws draws, byte[] masks, int offset) {
    long start = System.nanoTime();
    masker.mask(draws.of(Purpose.MASK), masks, offset);
    maskNanos += System.nanoTime() - start;
  }

  private static String oneLine(String reason) {
    String line = reason.replaceAll("\\s+", " ").strip();
    return line.length() <= MAX_REASON_LENGTH ? line : line.substring(0, MAX_REASON_LENGTH) + "…";
  }

  private static byte[] shortened(byte[] values, int length) {
    return values.length == length ? values : Arrays.copyOf(values, length);
  }

  private static long[] shortened(long[] values, int length) {
    return values.length == length ? values : Arrays.copyOf(values, length);
  }

  public StageTimes stageTimes() {
    return new StageTimes(images, decodeNanos, resizeNanos, maskNanos);
  }

  public ImageCounts counts() {
    return new ImageCounts(
        decoder.decodedByBaseline(),
        decoder.decodedByPng(),
        decoder.decodedByCmyk(),
        decoder.decodedByOpenCv(),
        decoder.decodedByTwelveMonkeys(),
        rejectedImages);
  }

  /** Bytes of buffers that are kept for the next image. */
  long heldBytes() {
    return resampler.heldBytes() + planes.heldBytes() + decoder.heldBytes();
  }

  @Override
  public void close() {
    decoder.close();
  }
}
