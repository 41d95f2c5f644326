package io.simmim.pipeline.evaluate;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.reader.CatalogReader;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.classification.ClassifierTraining;
import io.simmim.trainer.classification.ImageLabels;
import io.simmim.trainer.device.Classifier;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a classifier on all images of a catalog, as they are shown in evaluation. Threads of its
 * own decode ahead; the model runs on the thread that calls, on one chunk after the other. Chunks
 * are cut by the catalog alone and counted by their numbers, so that the result does not depend on
 * the number of threads. What is held is two chunks for each thread, and what {@link CatalogReader}
 * reads ahead.
 */
public final class CatalogValidation implements Validation {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogValidation.class);
  private static final int CHUNKS_PER_THREAD = 2;
  private static final String THREAD = "simmim-validation";

  private final Factory config;
  private final Catalog catalog;
  private final int threads = Runtime.getRuntime().availableProcessors();

  /**
   * What is measured on.
   *
   * @param labels of the images, by their number
   * @param limits of what is decoded; tells the size that the model takes
   * @param chunkImages images that the model is given at once
   * @param tables folder for tables of classes and confusions; null for none
   */
  public record Factory(
      CatalogReference catalog,
      ImageLabels labels,
      ImageConfig limits,
      FetchConfig fetch,
      int chunkImages,
      String tables)
      implements Validation.Factory {
    private static final long serialVersionUID = 1;

    public Factory {
      Objects.requireNonNull(catalog, "catalog");
      Objects.requireNonNull(labels, "labels");
      Objects.requireNonNull(limits, "limits");
      Objects.requireNonNull(fetch, "fetch");
    }

    @Override
    public Validation create() {
      try {
        return new CatalogValidation(this, Catalog.read(catalog));
      } catch (IOException e) {
        throw new UncheckedIOException("the list of validation images cannot be read", e);
      }
    }
  }

  CatalogValidation(Factory config, Catalog catalog) {
    this.config = config;
    this.catalog = catalog;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the tables cannot be written
   */
  @Override
  public EpochAccuracy run(Classifier model, int epoch, long step)
      throws IOException, InterruptedException {
    ClassificationTally tally = new ClassificationTally(config.labels().classes());
    List<ImagePath> paths = new ArrayList<>();
    ExecutorService workers =
        Executors.newFixedThreadPool(threads, task -> new Thread(task, THREAD));
    try (CatalogReader reader = new CatalogReader(catalog, config.fetch(), config.chunkImages())) {
      BlockingQueue<ImagePath> idle = new ArrayBlockingQueue<>(threads);
      for (int i = 0; i < threads; i++) {
        paths.add(path());
      }
      idle.addAll(paths);
      ArrayDeque<Future<TensorChunk>> decoding = new ArrayDeque<>();
      fill(decoding, reader, idle, workers);
      while (!decoding.isEmpty()) {
        count(Workers.requireDone(decoding.remove()), model, tally);
        fill(decoding, reader, idle, workers);
      }
    } finally {
      Workers.end(workers);
      paths.forEach(ImagePath::close);
    }
    tally
        .firstRejected()
        .ifPresent(
            image ->
                LOG.warn(
                    "validation images that cannot be used: {}, the first is {}",
                    tally.rejected(),
                    PrintableText.of(image)));
    if (config.tables() != null) {
      writeTables(tally);
    }
    return tally.accuracy(epoch, step);
  }

  private void writeTables(ClassificationTally tally) {
    try {
      tally.writeTables(config.tables());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the tables of the validation cannot be written to " + config.tables(), e);
    }
  }

  private ImagePath path() {
    return new ImagePath(
        config.limits(),
        new EvaluationAugmentation(config.limits().size()),
        new NoMask(ClassifierTraining.MASK_SIDE),
        0);
  }

  private void fill(
      ArrayDeque<Future<TensorChunk>> decoding,
      CatalogReader reader,
      BlockingQueue<ImagePath> idle,
      ExecutorService workers)
      throws IOException {
    while (decoding.size() < CHUNKS_PER_THREAD * threads) {
      Optional<EncodedChunk> chunk = reader.next();
      if (chunk.isEmpty()) {
        return;
      }
      decoding.add(
          workers.submit(
              () -> {
                ImagePath path = idle.take();
                try {
                  return path.apply(chunk.get());
                } finally {
                  idle.put(path);
                }
              }));
    }
  }

  private void count(TensorChunk chunk, Classifier model, ClassificationTally tally) {
    int[] labels = new int[chunk.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = config.labels().of(chunk.sampleIds()[i]);
    }
    float[] logits =
        labels.length == 0 ? new float[0] : model.logits(MicroBatch.of(List.of(chunk)));
    tally.add(chunk, labels, logits);
  }
}
