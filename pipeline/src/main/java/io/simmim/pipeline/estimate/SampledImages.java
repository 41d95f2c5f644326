package io.simmim.pipeline.estimate;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Images from all over a catalog, read one after the other and held in memory.
 *
 * @param images at least one that is not known to be unusable
 * @param bytes of their files
 * @param seconds that reading them took
 */
record SampledImages(List<EncodedImage> images, long bytes, double seconds) {
  private static final int MOST_IMAGES = 512;
  private static final long MOST_BYTES = 256L << 20;

  SampledImages {
    images = List.copyOf(images);
  }

  /**
   * Reads them.
   *
   * @throws UserError if storage is away, or none of them can be used
   */
  static SampledImages read(Catalog catalog, FetchConfig fetch) {
    long wanted = Math.min(MOST_IMAGES, catalog.size());
    List<EncodedImage> images = new ArrayList<>();
    long bytes = 0;
    long start = System.nanoTime();
    try (ImageReader reader = new ImageReader(fetch, new CatalogRoots(catalog.roots()))) {
      for (long i = 0; i < wanted && bytes < MOST_BYTES; i++) {
        EncodedImage image = reader.read(catalog.ref(i * catalog.size() / wanted));
        if (image.failure() == null) {
          images.add(image);
          bytes += image.bytes().length;
        }
      }
    } catch (IOException e) {
      throw new UserError("cannot sample the images: " + StorageFailure.reason(e), e);
    }
    if (images.isEmpty()) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "none of %,d images looked at can be used; the first: %s",
              wanted,
              catalog.ref(0).name()));
    }
    return new SampledImages(images, bytes, (System.nanoTime() - start) / 1e9);
  }

  /**
   * The images in chunks as a run hands them out, all of the same size.
   *
   * @param chunkImages images of a chunk; images come again where there are fewer
   */
  List<EncodedChunk> chunks(int chunkImages) {
    List<EncodedChunk> chunks = new ArrayList<>();
    for (int first = 0; first < images.size(); first += chunkImages) {
      List<EncodedImage> chunk = new ArrayList<>();
      for (int i = first; i < first + chunkImages; i++) {
        chunk.add(images.get(i % images.size()));
      }
      chunks.add(new EncodedChunk(chunks.size(), 0, first, chunk));
    }
    return chunks;
  }

  double meanBytes() {
    return (double) bytes / images.size();
  }
}
