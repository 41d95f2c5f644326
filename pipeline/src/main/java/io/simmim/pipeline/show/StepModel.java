package io.simmim.pipeline.show;

import io.simmim.operators.image.ImagePath;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.evaluate.Workers;
import io.simmim.pipeline.replay.PastImages;
import io.simmim.pipeline.replay.ReplayedStep;
import io.simmim.pipeline.replay.StepReplay;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.run.folder.ExportedModel;
import io.simmim.pipeline.run.folder.NewestPart;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A model: what it predicts for the images of a step, and how far off it is.
 *
 * @param origin whose losses these are, for people
 */
record StepModel(String origin, FrozenEncoder encoder) implements AutoCloseable {
  /** Images between two lines of progress. */
  private static final int PROGRESS_IMAGES = 512;

  /**
   * Makes a model with the weights that are asked for.
   *
   * @param say takes lines for people
   * @return nothing if none is at hand
   */
  static Optional<StepModel> of(StoredRun run, long step, Weights weights, Consumer<String> say)
      throws IOException, InterruptedException {
    if (weights instanceof Weights.AtHand hand) {
      return atHand(run, hand.model(), hand.device());
    }
    ReplayedStep replayed = StepReplay.run(run, step, ((Weights.Replayed) weights).from(), say);
    return Optional.of(
        new StepModel(
            String.format(
                Locale.ROOT, "the weights of step %,d, replayed from %s", step, replayed.origin()),
            replayed.encoder()));
  }

  /**
   * Opens the model that is named, or else the newest one that the run has exported.
   *
   * @param uri of the model, if the user names one
   * @return nothing if the run has not exported any, or is a fine-tuning
   */
  private static Optional<StepModel> atHand(StoredRun run, Optional<String> uri, String device)
      throws IOException {
    if (run.config().finetune().isOn()) {
      if (uri.isPresent()) {
        throw new UserError(
            "--model is for runs of pre-training: a classifier predicts no pixels: " + uri.get());
      }
      return Optional.empty();
    }
    String place = uri.orElse(run.folder().root().toString());
    if (uri.isEmpty() && ExportedModel.in(run.folder().root()).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        NewestPart.read(
            () -> {
              ModelFolder folder = ModelFolder.find(place);
              requireFits(folder, run.config());
              return new StepModel(
                  RunFolder.readable(folder.folder()) + ", not of the step's weights",
                  folder.open(device));
            }));
  }

  private static void requireFits(ModelFolder folder, SimmimConfig config) {
    folder.requirePrediction();
    int size = config.image().size();
    int side = size / config.mask().patchSize();
    if (folder.imageSize() != size || folder.description().model().maskSide() != side) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "--model must take images of %d pixels and masks of %d x %d patches as the run has them: %d, %d x %d",
              size,
              side,
              side,
              folder.imageSize(),
              folder.description().model().maskSide(),
              folder.description().model().maskSide()));
    }
  }

  /** (3, S, S), normalised, of a chunk of one image. */
  float[] prediction(TensorChunk sample) {
    return encoder.picture(sample);
  }

  /**
   * The losses of images, each by itself. One image per thread is in memory.
   *
   * @param stored the images of the run
   * @param say takes lines of progress
   */
  List<ImageFinding> measure(
      List<StepImage> images, SamplePath path, PastImages stored, Consumer<String> say)
      throws IOException, InterruptedException {
    int threads = Math.min(images.size(), Runtime.getRuntime().availableProcessors());
    ImageFinding[] findings = new ImageFinding[images.size()];
    AtomicInteger next = new AtomicInteger();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(workers);
      for (int i = 0; i < threads; i++) {
        running.submit(
            () -> {
              try (ImagePath samples = path.open()) {
                measure(images, samples, stored, next, findings, say);
              }
              return null;
            });
      }
      for (int i = 0; i < threads; i++) {
        Workers.requireDone(running.take());
      }
    } finally {
      Workers.end(workers);
    }
    return Arrays.asList(findings);
  }

  private void measure(
      List<StepImage> images,
      ImagePath samples,
      PastImages stored,
      AtomicInteger next,
      ImageFinding[] findings,
      Consumer<String> say) {
    for (int i = next.getAndIncrement();
        i < images.size() && !Thread.currentThread().isInterrupted();
        i = next.getAndIncrement()) {
      TensorChunk sample = images.get(i).load(samples, stored);
      ImageFinding finding = ImageFinding.unseen(images.get(i)).with(sample);
      findings[i] =
          sample.size() == 0 ? finding : finding.with(encoder.loss(MicroBatch.of(List.of(sample))));
      if (i > 0 && i % PROGRESS_IMAGES == 0) {
        say.accept(String.format(Locale.ROOT, "measured %,d of %,d images", i, images.size()));
      }
    }
  }

  @Override
  public void close() {
    encoder.close();
  }
}
