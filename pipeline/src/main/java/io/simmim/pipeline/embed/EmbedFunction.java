package io.simmim.pipeline.embed;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.RejectedImageSerializer;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EmbeddedImage;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.operator.failure.GpuFailures;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Makes the features of the images of a chunk, as they are shown in evaluation. Stateless, so it
 * runs at any parallelism; chained to the source and to the sink. Images that cannot be used go to
 * {@link #REJECTED}.
 */
public final class EmbedFunction extends ProcessFunction<EncodedChunk, EmbeddedImage> {
  private static final long serialVersionUID = 1;

  /** The images that cannot be used, each once. */
  public static final OutputTag<RejectedImage> REJECTED =
      new OutputTag<>("rejected", RejectedImageSerializer.TYPE);

  /** How many images of each chunk are done, whether they can be used or not. */
  public static final OutputTag<Long> COUNTED = new OutputTag<>("counted", Types.LONG);

  private final EmbedModel model;
  private final FeatureKind kind;
  private final LabelSource labels;
  private final ImageConfig limits;
  private final GpuFailures gpu;
  private final Opening opening;
  private transient Shared.Use<Function<MicroBatch, Features>> encoder;
  private transient LabelSource.Opened names;
  private transient ImagePath path;

  /** Whether the GPU had enough memory for images since the start. */
  private transient boolean embedded;

  /** Opens the model of a job in a task. */
  @FunctionalInterface
  interface Opening extends Serializable {
    Shared.Use<Function<MicroBatch, Features>> open(EmbedModel model) throws IOException;
  }

  /**
   * @param limits of what is decoded
   * @param gpuLoss what ends when the process cannot use its GPU any more
   */
  public EmbedFunction(
      EmbedModel model, FeatureKind kind, LabelSource labels, ImageConfig limits, GpuLoss gpuLoss) {
    this(model, kind, labels, limits, gpuLoss, EmbedFunction::shared);
  }

  EmbedFunction(
      EmbedModel model,
      FeatureKind kind,
      LabelSource labels,
      ImageConfig limits,
      GpuLoss gpuLoss,
      Opening opening) {
    this.model = model;
    this.kind = kind;
    this.labels = labels;
    this.limits = limits;
    this.gpu = new GpuFailures(gpuLoss);
    this.opening = opening;
  }

  private static Shared.Use<Function<MicroBatch, Features>> shared(EmbedModel model)
      throws IOException {
    Shared.Use<FrozenEncoder> open = SharedEncoder.open(model);
    return new Shared.Use<>(open.value()::features, open.end());
  }

  @Override
  public void open(OpenContext context) throws IOException {
    try {
      path =
          new ImagePath(
              limits,
              new EvaluationAugmentation(model.imageSize()),
              new NoMask(model.maskSide()),
              0);
    } catch (LinkageError e) {
      throw new SuppressRestartsException(
          new UserError("OpenCV's native library cannot be loaded on this machine: " + e, e));
    }
    try {
      encoder = opening.open(model);
    } catch (RuntimeException e) {
      gpu.raiseIfTooSmall("the model", "another device may have more: --device", e);
      gpu.raiseIfLost("when it got the model", e);
      throw e;
    }
    names = labels.open();
  }

  @Override
  public void processElement(EncodedChunk chunk, Context context, Collector<EmbeddedImage> out)
      throws SuppressRestartsException {
    TensorChunk pixels = path.apply(chunk);
    pixels.rejected().forEach(image -> context.output(REJECTED, image));
    context.output(COUNTED, (long) chunk.images().size());
    if (pixels.size() == 0) {
      return;
    }
    Map<Long, ImageRef> refs = new HashMap<>();
    for (EncodedImage image : chunk.images()) {
      refs.put(image.ref().sampleId(), image.ref());
    }
    Features features = features(pixels);
    int side = kind == FeatureKind.MAP ? features.side() : 0;
    float[] all = kind.of(features);
    for (int i = 0; i < pixels.size(); i++) {
      ImageRef ref = refs.get(pixels.sampleIds()[i]);
      out.collect(
          new EmbeddedImage(
              ref.uri(),
              ref.member(),
              names.of(ref),
              side,
              FeatureKind.ofImage(all, i, pixels.size())));
    }
  }

  private Features features(TensorChunk pixels) throws SuppressRestartsException {
    try {
      Features features = encoder.value().apply(MicroBatch.of(List.of(pixels)));
      embedded = true;
      return features;
    } catch (RuntimeException e) {
      if (!embedded) {
        gpu.raiseIfTooSmall(
            "chunks of %d images in each task".formatted(pixels.size()),
            "less is needed with a smaller parallelism",
            e);
      }
      gpu.raiseIfLost("in chunk " + pixels.index(), e);
      throw e;
    }
  }

  @Override
  public void close() {
    if (path != null) {
      path.close();
      path = null;
    }
    if (names != null) {
      names.close();
      names = null;
    }
    if (encoder != null) {
      encoder.close();
      encoder = null;
    }
  }
}
