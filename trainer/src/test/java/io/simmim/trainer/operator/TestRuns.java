package io.simmim.trainer.operator;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.random.Philox;
import io.simmim.trainer.export.CopySchedule;
import io.simmim.trainer.export.ExportConfig;
import io.simmim.trainer.histogram.HistogramSchedule;
import io.simmim.trainer.loop.RejectionLimit;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.optimizer.ScheduleConfig;
import io.simmim.trainer.optimizer.ScheduleType;
import io.simmim.trainer.torch.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Configurations and chunks of a run of 2 epochs, 2 steps each, 3 micro-batches each, 2 chunks. */
public final class TestRuns {
  static final int IMAGE_SIZE = 32;
  static final int MASK_SIDE = 2;
  static final BatchPlan PLAN = new BatchPlan(26, 2, 4, 3, 2);

  /** The same with 1 step in each epoch: 12 chunks. */
  static final BatchPlan SHORT_PLAN = new BatchPlan(13, 2, 4, 3, 2);

  static final ConfigurationIdentity IDENTITY =
      new ConfigurationIdentity(Map.of("encoder.depth", "2", "seed", "7"), Map.of());
  static final RejectionLimit LENIENT = new RejectionLimit(100, 1);

  private TestRuns() {}

  public static TrainerConfig trainer() {
    return new TrainerConfig(
        ModelConfig.simmim(
            IMAGE_SIZE,
            MASK_SIDE,
            new EncoderConfig(
                EncoderType.VIT,
                8,
                32,
                List.of(2),
                List.of(2),
                0,
                0,
                4,
                true,
                false,
                RelativePositionBias.SHARED,
                0.1,
                0.2)),
        ClusterColors.NONE,
        new OptimizerConfig(0.05, 0.9, 0.999, 1e-8, 5),
        Precision.FP32,
        1,
        "cpu",
        7);
  }

  /** A run that others look at while it goes on. */
  static TrainingOperatorConfig watched(
      Path output, CopySchedule copies, HistogramSchedule histograms) {
    TrainingOperatorConfig base = config(output);
    return new TrainingOperatorConfig(
        base.trainer(),
        base.initial(),
        base.plan(),
        base.schedule(),
        base.decaySteps(),
        base.output(),
        base.export(),
        copies,
        histograms,
        base.rejectionLimit(),
        base.windowChunks(),
        base.identity());
  }

  public static TrainingOperatorConfig config(Path output) {
    return config(output, 0, LENIENT);
  }

  public static TrainingOperatorConfig config(
      Path output, int exportEveryEpochs, RejectionLimit limit) {
    return config(output, PLAN, exportEveryEpochs, limit);
  }

  public static TrainingOperatorConfig config(
      Path output, BatchPlan plan, int exportEveryEpochs, RejectionLimit limit) {
    return config(output, plan, new ExportConfig(exportEveryEpochs, 0), limit);
  }

  public static TrainingOperatorConfig config(
      Path output, BatchPlan plan, ExportConfig export, RejectionLimit limit) {
    return new TrainingOperatorConfig(
        trainer(),
        null,
        plan,
        new ScheduleConfig(
            ScheduleType.COSINE, 512, 0.05, 1e-4, 1e-4, 1, List.of(), List.of(), 0.1, 0),
        0,
        output.toUri().toString(),
        export,
        CopySchedule.NEVER,
        HistogramSchedule.NEVER,
        limit,
        3,
        IDENTITY);
  }

  /** A chunk with all of its images. */
  public static TensorChunk chunk(long index) {
    return chunk(index, PLAN.chunkImages(), List.of());
  }

  /** A chunk none of whose images could be used. */
  public static TensorChunk emptyChunk(long index, RejectedImage... rejected) {
    return chunk(index, 0, List.of(rejected));
  }

  public static TensorChunk chunk(long index, int images, List<RejectedImage> rejected) {
    byte[] pixels = new byte[images * 3 * IMAGE_SIZE * IMAGE_SIZE];
    Philox random = new Philox(1, Philox.Purpose.CROP, 0, index);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt(256);
    }
    byte[] masks = new byte[images * MASK_SIDE * MASK_SIDE];
    for (int i = 0; i < masks.length; i += 2) {
      masks[i] = 1;
    }
    long[] ids = new long[images];
    Arrays.setAll(ids, i -> index * PLAN.chunkImages() + i);
    return new TensorChunk(
        index, PLAN.epochOf(index), IMAGE_SIZE, MASK_SIDE, ids, pixels, masks, rejected);
  }

  public static RejectedImage rejected(long sampleId) {
    return new RejectedImage(sampleId, "file:/images/" + sampleId + ".jpg", "not a JPEG");
  }

  /** Chunks from one number to before another. */
  public static List<TensorChunk> chunks(long from, long to) {
    return LongStream.range(from, to).mapToObj(TestRuns::chunk).toList();
  }
}
