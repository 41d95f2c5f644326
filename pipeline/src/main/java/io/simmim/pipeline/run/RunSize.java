package io.simmim.pipeline.run;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.text.Amount;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.classifier.ClassificationModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;

/**
 * What a run takes of storage, as far as it is known before anything is measured. Bytes are those
 * of files, without what protocols add.
 *
 * @param parameters of the model
 * @param epochRequests reads of an epoch, without those that are tried again
 * @param epochBytes that an epoch reads
 * @param checkpointBytes of one checkpoint
 * @param aheadBytes images at most that a checkpoint holds besides: decoded before their turn
 * @param checkpoints that are kept
 */
public record RunSize(
    long parameters,
    long epochRequests,
    long epochBytes,
    long checkpointBytes,
    long aheadBytes,
    int checkpoints) {
  /** Weights and both moments. */
  private static final int CHECKPOINT_BYTES = 12;

  /** The gradients too. */
  private static final int CHECKPOINT_BYTES_WITHIN_ACCUMULATION = 16;

  /** Of larger catalogs so many lengths are looked at, evenly spread. */
  private static final long LOOKED_AT = 65_536;

  /**
   * Of a run over a list of images.
   *
   * @param plan how they are cut into steps
   * @param classes that a fine-tuning tells apart; 0 of a pre-training
   */
  public static RunSize of(SimmimConfig config, Catalog catalog, BatchPlan plan, int classes) {
    long images = plan.stepsPerEpoch() * plan.globalBatch();
    boolean neighbours =
        config.data().shuffle() == Shuffle.BLOCK && catalog.ref(catalog.size() / 2).inShard();
    return of(
        config,
        neighbours ? images / config.chunkImages() : images,
        Math.round(meanBytes(config, catalog) * images),
        classes == 0 ? parameters(config) : classifierParameters(config, classes));
  }

  /** Of a run on images that keep arriving: how many nobody knows. */
  public static RunSize ofContinuous(SimmimConfig config) {
    return of(config, 0, 0, parameters(config));
  }

  private static RunSize of(SimmimConfig config, long requests, long bytes, long parameters) {
    boolean accumulates = config.training().accumulation() > 1;
    long size = config.image().size();
    return new RunSize(
        parameters,
        requests,
        bytes,
        parameters * (accumulates ? CHECKPOINT_BYTES_WITHIN_ACCUMULATION : CHECKPOINT_BYTES),
        3 * size * size * config.fetch().largestWindowChunks() * config.chunkImages(),
        config.checkpoint().retained());
  }

  /** Parameters of the model that a pre-training trains. */
  public static long parameters(SimmimConfig config) {
    boolean clusters = config.target().type() == TargetType.CLUSTERS;
    ClusterColors colors =
        new ClusterColors(new float[clusters ? 3 * config.target().clusters() : 0]);
    return elements(new MaskedImageModel(config.model(), colors));
  }

  private static long classifierParameters(SimmimConfig config, int classes) {
    return elements(new ClassificationModel(config.classifier(classes)));
  }

  private static long elements(TrainableModel model) {
    return model.parameters().stream().mapToLong(parameter -> parameter.tensor().elements()).sum();
  }

  /** Of what is read: the length of an image that is not whole is a claim of its shard. */
  private static double meanBytes(SimmimConfig config, Catalog catalog) {
    long looked = Math.min(LOOKED_AT, catalog.size());
    double sum = 0;
    for (long i = 0; i < looked; i++) {
      ImageRef image = catalog.ref(i * catalog.size() / looked);
      boolean isRead =
          image.problem().isEmpty() && image.length() <= config.fetch().maxObjectBytes();
      sum += isRead ? image.length() : 0;
    }
    return sum / looked;
  }

  /** The same where another number of checkpoints is kept. */
  public RunSize keeping(int kept) {
    return new RunSize(parameters, epochRequests, epochBytes, checkpointBytes, aheadBytes, kept);
  }

  /** For people, when a run begins. */
  public String line() {
    String epoch =
        epochRequests == 0
            ? ""
            : "an epoch reads %s in %,d requests; "
                .formatted(Amount.bytes(epochBytes), epochRequests);
    return "%sa checkpoint has %s, %d %s kept"
        .formatted(
            epoch, Amount.bytes(checkpointBytes), checkpoints, checkpoints == 1 ? "is" : "are");
  }
}
