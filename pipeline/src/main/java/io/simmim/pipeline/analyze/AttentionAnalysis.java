package io.simmim.pipeline.analyze;

import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.evaluate.PassProgress;
import io.simmim.pipeline.evaluate.UnlabelledImages;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.trainer.inference.BlockAttention;
import io.simmim.trainer.inference.FrozenAttention;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * What the heads of a model attend to: how far they look, how widely, and how much they differ (Xie
 * et al., "Revealing the Dark Secrets of Masked Image Modeling", CVPR 2023, section 3.1), as a
 * table and as pictures.
 *
 * @param model folder of an exported model, or output of a run
 * @param input images: files, folders or tar shards
 * @param target folder for the results, on any Flink file system
 * @param images most that are looked at, 1 to {@link #MOST_IMAGES}, evenly spread over the input
 * @param threads that compute at once
 * @param device of the model
 */
public record AttentionAnalysis(
    String model, List<String> input, String target, int images, int threads, String device) {
  private static final int MOST_IMAGES = 1_000_000;

  /**
   * Refuses what cannot be looked at.
   *
   * @throws UserError with what is allowed
   */
  public AttentionAnalysis {
    if (images < 1 || images > MOST_IMAGES) {
      throw new UserError("--images must be 1 to %d: %d".formatted(MOST_IMAGES, images));
    }
  }

  /**
   * Looks.
   *
   * @param config tells how storage is reached, and limits what is decoded
   * @param say takes lines for people; the last one is how far the first and last layer look
   */
  public void run(SimmimConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    ModelFolder folder = ModelFolder.find(model);
    folder.notes().forEach(say);
    List<BlockAttention> layers;
    long used;
    Path results;
    try (FrozenAttention attention = folder.openAttention(device)) {
      results = results();
      Catalog catalog = UnlabelledImages.list(input, config.fetch(), say);
      long[] sample = AttentionPass.sample(catalog.size(), images);
      say.accept(
          "%,d of %,d images, model %s"
              .formatted(sample.length, catalog.size(), RunFolder.readable(folder.folder())));
      PassProgress progress = new PassProgress(UnlabelledImages.OPTION, sample.length, say);
      AttentionPass pass =
          new AttentionPass(attention, folder.description().model(), config, progress);
      layers = pass.run(catalog, sample, threads);
      used = progress.end();
    }
    AttentionTable table = new AttentionTable(layers);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("attention.csv", table.csv());
    files.putAll(new AttentionPictures(layers, used).svg());
    for (Map.Entry<String, String> file : files.entrySet()) {
      write(new Path(results, file.getKey()), file.getValue());
    }
    table.lines().forEach(say);
    say.accept(
        "%s in %s".formatted(String.join(", ", files.keySet()), RunFolder.readable(results)));
    say.accept(
        String.format(
            Locale.ROOT,
            "layers %d, images %d, mean distance first %.1f, last %.1f pixels",
            layers.size(),
            used,
            AttentionTable.mean(layers.get(0), BlockAttention::distance),
            AttentionTable.mean(layers.get(layers.size() - 1), BlockAttention::distance)));
  }

  /** Made before anything is computed, so that a wrong one is refused at once. */
  private Path results() {
    try {
      Path folder = StorageUri.path("--to", target);
      FileSystem files = folder.getFileSystem();
      boolean isFile = RunFolder.exists(files, folder) && !files.getFileStatus(folder).isDir();
      if (isFile || !files.mkdirs(folder)) {
        throw new IOException(isFile ? "it is a file" : "it cannot be created");
      }
      return folder;
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "--to must be a folder that can be written: %s (%s)"
              .formatted(target, StorageFailure.reason(e)),
          e);
    }
  }

  private static void write(Path file, String content) {
    try {
      WholeFile.write(file, content.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UserError(
          "cannot write %s: %s".formatted(RunFolder.readable(file), StorageFailure.reason(e)), e);
    }
  }
}
