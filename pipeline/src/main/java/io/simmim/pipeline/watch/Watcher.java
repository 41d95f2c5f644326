package io.simmim.pipeline.watch;

import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.evaluation.ModelFindingsSerializer;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.export.ModelCopies;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.operator.failure.GpuFailures;
import io.simmim.trainer.torch.TorchRuntime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at copies of the model, one after the other, on the thread that calls. What it finds is
 * written before the copy is deleted: whoever asks again finds the copy, or what was found of it.
 */
final class Watcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);
  private static final int LONGEST_FINDINGS = 1 << 20;

  private final WatchConfig config;
  private final GpuFailures gpu;
  private final ModelCopies copies;
  private final PictureDrawing drawing;
  private final FeatureMeasurement measurement;
  private volatile boolean closed;

  Watcher(WatchConfig config, GpuFailures gpu) {
    this.config = config;
    this.gpu = gpu;
    copies = ModelCopies.of(config.output());
    drawing = new PictureDrawing(config);
    measurement = new FeatureMeasurement(config);
  }

  /**
   * What there is to find of a copy. A failure is among it: it must not end the training.
   *
   * @throws InterruptedException if this is closed meanwhile: then the copy stays
   * @throws SuppressRestartsException or an error if the GPU is lost, so that this process cannot
   *     train either: then the copy stays, too
   */
  ModelFindings find(ModelCopy copy) throws InterruptedException, SuppressRestartsException {
    ModelFindings findings;
    try {
      findings = look(copy);
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      if (closed) {
        throw new InterruptedException("closed");
      }
      gpu.raiseIfLost("at the copy of step " + copy.step(), e);
      LOG.error("cannot look at the model after step {}", copy.step(), e);
      findings = unfinished(copy, reason(e));
    }
    copies.deleteThrough(copy.step());
    return findings;
  }

  private static String reason(Throwable failure) {
    if (failure instanceof UserError) {
      return failure.getMessage();
    }
    return failure instanceof IOException e
        ? StorageFailure.reason(e)
        : PrintableText.of(failure.toString());
  }

  private ModelFindings look(ModelCopy copy) throws IOException, InterruptedException {
    if (copy.stage() == Stage.FAILED) {
      return ModelFindings.none(
          copy, "the copy of the model was not written; the log of the trainer says why");
    }
    if (copies.isWhole(copy.step())) {
      return lookAt(copy);
    }
    return found(copy)
        .orElseGet(() -> unfinished(copy, "the copy of the model is not there any more"));
  }

  /** No evaluation, but the picture that was drawn before it. */
  private ModelFindings unfinished(ModelCopy copy, String problem) {
    boolean picture = false;
    try {
      picture = copy.evaluation() && hasPicture(copy);
    } catch (IOException e) {
      LOG.warn("cannot look for the picture of step {}: {}", copy.step(), e.toString());
    }
    return new ModelFindings(copy.step(), copy.epoch(), picture, Optional.empty(), problem);
  }

  private boolean hasPicture(ModelCopy copy) throws IOException {
    Path picture = Pictures.file(config.output(), copy.step());
    return copy.picture() && RunFolder.exists(picture.getFileSystem(), picture);
  }

  private ModelFindings lookAt(ModelCopy copy) throws IOException, InterruptedException {
    loadLibrary();
    ModelFolder model = ModelFolder.find(copies.folder(copy.step()).toString());
    Optional<FeatureQuality> quality = Optional.empty();
    try (FrozenEncoder encoder = model.open("cpu")) {
      if (copy.picture()) {
        byte[] png = drawing.draw(encoder);
        Path picture = Pictures.file(config.output(), copy.step());
        picture.getFileSystem().mkdirs(picture.getParent());
        WholeFile.write(picture, png);
      }
      if (copy.evaluation()) {
        quality = Optional.of(measurement.measure(model, encoder));
      }
    }
    ModelFindings findings =
        new ModelFindings(copy.step(), copy.epoch(), copy.picture(), quality, "");
    if (copy.evaluation()) {
      DataOutputSerializer bytes = new DataOutputSerializer(256);
      ModelFindingsSerializer.INSTANCE.serialize(findings, bytes);
      WholeFile.write(file(copy.step()), bytes.getCopyOfBuffer());
    }
    return findings;
  }

  /** A process has one libtorch: the trainer's, if that may come into this process too. */
  private void loadLibrary() {
    try {
      TorchRuntime.start(config.device());
    } catch (UserError e) {
      LOG.info("this machine does not train: {}", e.getMessage());
      TorchRuntime.start();
    }
  }

  /** What was found of a copy before the job restarted. */
  private Optional<ModelFindings> found(ModelCopy copy) throws IOException {
    if (!copy.evaluation()) {
      return hasPicture(copy)
          ? Optional.of(new ModelFindings(copy.step(), copy.epoch(), true, Optional.empty(), ""))
          : Optional.empty();
    }
    Path file = file(copy.step());
    try (InputStream in = file.getFileSystem().open(file)) {
      return Optional.of(
          ModelFindingsSerializer.INSTANCE.deserialize(
              new DataInputDeserializer(in.readNBytes(LONGEST_FINDINGS))));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private Path file(long step) {
    return new Path(copies.folder(step).getParent(), "found-" + step);
  }

  /** Whatever is under way ends with an exception, once the thread is interrupted too. */
  @Override
  public void close() {
    closed = true;
  }
}
