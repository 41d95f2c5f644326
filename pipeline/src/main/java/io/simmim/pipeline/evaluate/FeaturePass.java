package io.simmim.pipeline.evaluate;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.reader.CatalogReader;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.model.ModelConfig;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Makes the features of all images that have a class, once, as they are shown in evaluation. Each
 * of several threads takes a chunk, decodes it and calls the extractor. Chunks are cut by the
 * catalog alone, so that features do not depend on the number of threads. What is held is a chunk
 * for each thread, and what {@link CatalogReader} reads ahead.
 */
public final class FeaturePass {
  /** Images whose features are computed at once, if they are not large. */
  static final int CHUNK_IMAGES = 32;

  /** Of the pixels of a chunk; those of 32 images of up to 591 pixels. */
  private static final int CHUNK_BYTES = 32 << 20;

  private final ModelConfig model;
  private final ImageConfig limits;
  private final FetchConfig fetch;
  private final FeatureExtractor extractor;
  private final int threads;
  private final Consumer<String> say;

  /**
   * @param model that the images are shown to
   * @param limits of what is decoded
   * @param say takes lines for people: progress, and what cannot be used
   */
  public FeaturePass(
      ModelConfig model,
      ImageConfig limits,
      FetchConfig fetch,
      FeatureExtractor extractor,
      int threads,
      Consumer<String> say) {
    this.model = model;
    this.limits = limits;
    this.fetch = fetch;
    this.extractor = extractor;
    this.threads = threads;
    this.say = say;
  }

  /**
   * Runs over images.
   *
   * @param take receives the features of each chunk that has any, in any order, from several
   *     threads
   * @return number of images with features
   * @throws IOException if storage is away
   * @throws UserError if no image can be used, or features are not finite
   */
  public long run(LabelledImages images, Consumer<LabelledFeatures> take)
      throws IOException, InterruptedException {
    long total = images.catalog().size() - images.labels().without();
    PassProgress progress = new PassProgress(images.option(), total, say);
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try (CatalogReader reader =
        new CatalogReader(
            images.catalog(), fetch, chunkImages(model.imageSize()), id -> isShown(images, id))) {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(workers);
      for (int i = 0; i < threads; i++) {
        running.submit(
            () -> {
              work(reader, images, take, progress);
              return null;
            });
      }
      for (int i = 0; i < threads; i++) {
        Workers.requireDone(running.take());
      }
    } finally {
      Workers.end(workers);
    }
    return progress.end();
  }

  /** Images of a chunk, for a model that takes images of so many pixels. */
  static int chunkImages(int size) {
    return Math.max(1, Math.min(CHUNK_IMAGES, CHUNK_BYTES / (3 * size * size)));
  }

  private void work(
      CatalogReader reader,
      LabelledImages images,
      Consumer<LabelledFeatures> take,
      PassProgress progress)
      throws IOException {
    int size = model.imageSize();
    try (ImagePath path =
        new ImagePath(limits, new EvaluationAugmentation(size), new NoMask(model.maskSide()), 0)) {
      for (Optional<EncodedChunk> chunk = reader.next();
          chunk.isPresent() && !Thread.currentThread().isInterrupted();
          chunk = reader.next()) {
        TensorChunk pixels = path.apply(chunk.get());
        if (pixels.size() > 0) {
          take.accept(features(pixels, images));
        }
        progress.add(pixels.size(), pixels.rejected());
      }
    }
  }

  /** Those without a class are not; what is known to be unusable is, to be told of. */
  private static boolean isShown(LabelledImages images, long id) {
    return images.labels().of(id) != LabelTable.NONE
        || !images.catalog().ref(id).problem().isEmpty();
  }

  private LabelledFeatures features(TensorChunk pixels, LabelledImages images) {
    int[] labels = new int[pixels.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = images.labels().of(pixels.sampleIds()[i]);
    }
    float[] vectors = extractor.features(pixels);
    requireFinite(vectors, pixels.sampleIds(), images.catalog());
    return new LabelledFeatures(pixels.index(), pixels.sampleIds(), labels, vectors);
  }

  /** What is no number is near to everything, or hides that it is. */
  private static void requireFinite(float[] vectors, long[] ids, Catalog catalog) {
    int width = vectors.length / ids.length;
    for (int i = 0; i < vectors.length; i++) {
      if (!Float.isFinite(vectors[i])) {
        throw new UserError(
            "the features of %s must be finite numbers, but the model makes %s of it: its weights are damaged, or its training has diverged"
                .formatted(PrintableText.of(catalog.ref(ids[i / width]).name()), vectors[i]));
      }
    }
  }
}
