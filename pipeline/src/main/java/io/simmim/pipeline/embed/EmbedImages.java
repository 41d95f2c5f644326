package io.simmim.pipeline.embed;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.operators.catalog.label.Labeling;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkPlans;
import io.simmim.operators.source.enumerator.WholeCatalog;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.ContinuousInputs;
import io.simmim.pipeline.run.InputImages;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The images of a job, and their classes. What is not going to change is listed once: the list and
 * the classes are files in the output, which a job that goes on finds there.
 *
 * @param plans how they are handed out
 * @param labels their classes
 * @param values what is noted of them in the {@link EmbedRecord}
 * @param count how many there are; empty if they keep arriving
 */
public record EmbedImages(
    ChunkPlans.Factory plans, LabelSource labels, Map<String, String> values, OptionalLong count) {
  private static final String IMAGES = "images";
  private static final String COUNT = "count";
  private static final String NO_LABELS = "none";

  /** Images whose features are computed at once, unless they keep arriving: then one. */
  private static final int CHUNK_IMAGES = 32;

  /**
   * Finds them.
   *
   * @param before what the output was begun with
   * @param say takes lines for people
   * @throws UserError if there are none, or others than before
   */
  public static EmbedImages of(
      SimmimConfig config, RunFolder folder, Optional<EmbedRecord> before, Consumer<String> say) {
    if (config.continuous().isOn()) {
      ArrivalSourceConfig source = ContinuousInputs.of(config, folder);
      return new EmbedImages(
          new ArrivingImages(source, BatchPlan.continuous(1, 1, 1, 1), config.fetch()),
          new LabelSource.Folders(source.inputs()),
          Map.of(IMAGES, "arriving", COUNT, "unknown"),
          OptionalLong.empty());
    }
    Catalog catalog;
    CatalogReference stored;
    try {
      stored =
          before.isPresent()
              ? stored(folder, before.get())
              : InputImages.list(config, folder, say).write(folder.catalog().toString());
      catalog = Catalog.read(stored);
    } catch (IOException e) {
      throw new UserError(
          "cannot use catalog %s: %s".formatted(folder.catalog(), StorageFailure.reason(e)), e);
    }
    String digest =
        before
            .map(EmbedRecord::values)
            .map(values -> values.get(EmbedRecord.LABELS))
            .orElseGet(() -> label(catalog, config.fetch(), folder, say));
    return new EmbedImages(
        new WholeCatalog(stored, CHUNK_IMAGES),
        digest.equals(NO_LABELS)
            ? new LabelSource.None()
            : new LabelSource.Listed(folder.labels().toString(), digest),
        Map.of(
            IMAGES,
            stored.digest(),
            COUNT,
            Long.toString(stored.size()),
            EmbedRecord.LABELS,
            digest),
        OptionalLong.of(stored.size()));
  }

  private static CatalogReference stored(RunFolder folder, EmbedRecord before) {
    try {
      return new CatalogReference(
          folder.catalog().toString(),
          before.values().getOrDefault(IMAGES, ""),
          Long.parseLong(before.values().getOrDefault(COUNT, "")));
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "the output holds embeddings of images that keep arriving (name another one, or give --follow or --events)",
          e);
    }
  }

  /** Writes the classes into the output, and returns the digest of their file. */
  private static String label(
      Catalog catalog, FetchConfig fetch, RunFolder folder, Consumer<String> say) {
    try {
      Optional<LabelTable> labels = Labeling.find(catalog, fetch.shardReading());
      return labels.isEmpty()
          ? NO_LABELS
          : LabelFile.write(labels.get(), catalog.size(), folder.labels());
    } catch (UserError e) {
      say.accept("the rows get no labels: " + e.getMessage());
      return NO_LABELS;
    } catch (IOException e) {
      throw new UserError(
          "cannot find or write the classes of the images: " + StorageFailure.reason(e), e);
    }
  }

  /** How many there are, for people. */
  public String line() {
    return count.isPresent()
        ? "%,d images".formatted(count.getAsLong())
        : "images as they arrive, without end";
  }
}
