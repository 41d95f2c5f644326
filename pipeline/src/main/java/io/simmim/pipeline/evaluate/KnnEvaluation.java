package io.simmim.pipeline.evaluate;

import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.UserError;
import io.simmim.trainer.inference.CosineSimilarity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Weighted k-nearest-neighbour classification: each image of the validation set is given the class
 * for which the most similar images of the training set vote ({@link WeightedVote}). Nothing is
 * learned, so it measures the features alone.
 *
 * <p>Held are the features of the validation set and its neighbours so far; those of the training
 * set are compared with all of them and forgotten, however many they are. The result does not
 * depend on the number of threads.
 */
public final class KnnEvaluation {
  /** Numbers of neighbours that vote. */
  public static final List<Integer> NEIGHBOURS = List.of(10, 20);

  private static final int MOST = 20;

  /** Of a neighbour of an image: {@link NearestNeighbours}. */
  private static final long NEIGHBOUR_BYTES = 16;

  /** Chunks of the validation set that are compared by one product. */
  private static final int BLOCK_CHUNKS = 32;

  private KnnEvaluation() {}

  /**
   * The accuracy for each number of neighbours.
   *
   * @throws UserError if there are too few images, or too many to classify for the heap
   */
  public static Map<Integer, Accuracy> run(
      FeaturePass pass, LabelledImages training, LabelledImages validation)
      throws IOException, InterruptedException {
    requireEnough(training, training.count());
    ConcurrentSkipListMap<Long, LabelledFeatures> queries = new ConcurrentSkipListMap<>();
    pass.run(
        validation,
        chunk -> {
          requireHeap(validation, chunk.width(), Runtime.getRuntime().maxMemory());
          queries.put(chunk.chunk(), chunk);
        });
    List<NearestNeighbours> blocks = new ArrayList<>();
    try {
      while (!queries.isEmpty()) {
        blocks.add(new NearestNeighbours(firstChunks(queries), MOST));
      }
      long used =
          pass.run(
              training,
              chunk -> {
                float[] unit = CosineSimilarity.normalised(chunk.vectors(), chunk.width());
                blocks.forEach(block -> block.add(chunk, unit));
              });
      requireEnough(training, used);
      Map<Integer, Accuracy> results = new LinkedHashMap<>();
      for (int neighbours : NEIGHBOURS) {
        results.put(neighbours, accuracy(blocks, neighbours));
      }
      return results;
    } finally {
      blocks.forEach(NearestNeighbours::close);
    }
  }

  private static void requireEnough(LabelledImages training, long images) {
    if (images < MOST) {
      throw new UserError(
          "%s must have at least %d images with a class for as many neighbours: %d"
              .formatted(training.option(), MOST, images));
    }
  }

  /** What is held on Java's heap, before the features go into native memory. */
  static void requireHeap(LabelledImages validation, int width, long heap) {
    long bytes = validation.count() * ((long) Float.BYTES * width + NEIGHBOUR_BYTES * MOST);
    if (bytes > heap / 2) {
      throw new UserError(
          "the features of %d images of %s and their neighbours need %d MiB, more than half of the %d MiB that Java's heap may take"
              .formatted(validation.count(), validation.option(), bytes >> 20, heap >> 20));
    }
  }

  private static LabelledFeatures firstChunks(
      ConcurrentSkipListMap<Long, LabelledFeatures> queries) {
    List<LabelledFeatures> parts = new ArrayList<>();
    while (parts.size() < BLOCK_CHUNKS && !queries.isEmpty()) {
      parts.add(queries.pollFirstEntry().getValue());
    }
    return LabelledFeatures.joined(parts);
  }

  private static Accuracy accuracy(List<NearestNeighbours> blocks, int neighbours) {
    long top1 = 0;
    long top5 = 0;
    long images = 0;
    for (NearestNeighbours block : blocks) {
      for (int query = 0; query < block.size(); query++) {
        int rank =
            WeightedVote.rank(
                block.similarities(query), block.classes(query), neighbours, block.label(query));
        top1 += rank == 0 ? 1 : 0;
        top5 += rank < 5 ? 1 : 0;
        images++;
      }
    }
    return new Accuracy(top1, top5, images);
  }
}
