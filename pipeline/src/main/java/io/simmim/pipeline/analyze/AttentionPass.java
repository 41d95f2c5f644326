package io.simmim.pipeline.analyze;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.PassProgress;
import io.simmim.pipeline.evaluate.Workers;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.BlockAttention;
import io.simmim.trainer.inference.FrozenAttention;
import io.simmim.trainer.model.ModelConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Shows images of a catalog to a model and sums up what its heads attend to. The images are cut
 * into parts, each of which one thread computes image by image, and the sums of the parts are added
 * in their order: no result depends on the number of threads.
 */
final class AttentionPass {
  /** More threads have nothing to do. */
  private static final int PARTS = 64;

  private final FrozenAttention attention;
  private final ModelConfig model;
  private final SimmimConfig config;
  private final PassProgress progress;

  /**
   * @param model what the attention is of
   * @param config limits what is decoded
   */
  AttentionPass(
      FrozenAttention attention, ModelConfig model, SimmimConfig config, PassProgress progress) {
    this.attention = attention;
    this.model = model;
    this.config = config;
    this.progress = progress;
  }

  /**
   * Images that are spread evenly over a catalog.
   *
   * @param most how many, if there are as many
   * @return their numbers, in ascending order
   */
  static long[] sample(long size, int most) {
    int count = (int) Math.min(size, most);
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i * size / count;
    }
    return ids;
  }

  /**
   * Looks at images.
   *
   * @param ids numbers of the images
   * @return sums, block by block
   * @throws IOException if storage is away
   */
  List<BlockAttention> run(Catalog catalog, long[] ids, int threads)
      throws IOException, InterruptedException {
    List<BlockAttention> sums = attention.none();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try (ImageReader reader = new ImageReader(config.fetch(), new CatalogRoots(catalog.roots()))) {
      List<Future<List<BlockAttention>>> parts = new ArrayList<>();
      for (int part = 0; part < PARTS; part++) {
        int first = part * ids.length / PARTS;
        int end = (part + 1) * ids.length / PARTS;
        parts.add(workers.submit(() -> sums(reader, catalog, ids, first, end)));
      }
      for (Future<List<BlockAttention>> part : parts) {
        List<BlockAttention> more = Workers.requireDone(part);
        for (int block = 0; block < sums.size(); block++) {
          sums.get(block).add(more.get(block));
        }
      }
    } finally {
      Workers.end(workers);
    }
    return sums;
  }

  private List<BlockAttention> sums(
      ImageReader reader, Catalog catalog, long[] ids, int first, int end) throws IOException {
    List<BlockAttention> sums = attention.none();
    int size = model.imageSize();
    try (ImagePath path =
        new ImagePath(
            config.image().withSize(size),
            new EvaluationAugmentation(size),
            new NoMask(model.maskSide()),
            0)) {
      for (int i = first; i < end && !Thread.currentThread().isInterrupted(); i++) {
        long id = ids[i];
        EncodedImage image = reader.read(catalog.ref(id));
        TensorChunk shown = path.apply(new EncodedChunk(id, 0, id, List.of(image)));
        if (shown.size() > 0) {
          attention.add(MicroBatch.of(List.of(shown)), sums);
        }
        progress.add(shown.size(), shown.rejected());
      }
    }
    return sums;
  }
}
