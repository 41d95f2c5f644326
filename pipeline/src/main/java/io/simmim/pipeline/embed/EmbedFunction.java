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
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final ImageLabels labels;
  private final ImageConfig limits;
  private transient Shared.Use<FrozenEncoder> encoder;
  private transient ImageLabels.Opened names;
  private transient ImagePath path;

  /**
   * @param limits of what is decoded
   */
  public EmbedFunction(EmbedModel model, FeatureKind kind, ImageLabels labels, ImageConfig limits) {
    this.model = model;
    this.kind = kind;
    this.labels = labels;
    this.limits = limits;
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
    encoder = SharedEncoder.open(model);
    names = labels.open();
  }

  @Override
  public void processElement(EncodedChunk chunk, Context context, Collector<EmbeddedImage> out) {
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
    Features features = encoder.value().features(MicroBatch.of(List.of(pixels)));
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
