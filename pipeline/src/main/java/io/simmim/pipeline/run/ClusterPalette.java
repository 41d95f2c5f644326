package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.image.ColorClusters;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * The colours that a run with target {@code clusters} tells apart: from the file that the user
 * names, or found in a sample of the images. Either way the run keeps them in its output, in a file
 * of the same format, and takes them from there when it is resumed.
 *
 * <p>The file is text: red, green and blue of one colour per line, between 0 and 255.
 */
final class ClusterPalette {
  private static final int SAMPLED_IMAGES = 512;
  private static final int PIXELS_PER_IMAGE = 128;

  /** Characters that one line may have on average. */
  private static final int LINE_LIMIT = 64;

  private ClusterPalette() {}

  /**
   * The colours of a run that is new.
   *
   * @param catalog images to find colours in; may be empty where a file has them
   * @param say takes lines for people
   */
  static ClusterColors create(
      SimmimConfig config,
      Optional<CatalogReference> catalog,
      RunFolder folder,
      Consumer<String> say) {
    if (config.target().type() != TargetType.CLUSTERS) {
      return ClusterColors.NONE;
    }
    String file = config.target().clusterFile();
    ClusterColors colors =
        file == null ? find(config, catalog.orElseThrow(), say) : read(config, path(file));
    folder.write(folder.clusterColors(), text(colors));
    return colors;
  }

  /**
   * The colours of a run that is resumed. Those of a file that the user names now: whether they are
   * the run's own is told by their digest.
   */
  static ClusterColors load(SimmimConfig config, RunFolder folder) {
    if (config.target().type() != TargetType.CLUSTERS) {
      return ClusterColors.NONE;
    }
    String file = config.target().clusterFile();
    return read(config, file == null ? folder.clusterColors() : path(file));
  }

  private static Path path(String file) {
    try {
      return StorageUri.path("target-cluster-file", file);
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "target-cluster-file cannot be read: %s (%s)".formatted(file, e.getMessage()), e);
    }
  }

  /** SHA-256 of the colours as text, as hexadecimal digits. */
  static String digest(ClusterColors colors) {
    return Sha256.hex(text(colors).getBytes(StandardCharsets.UTF_8));
  }

  private static ClusterColors find(
      SimmimConfig config, CatalogReference reference, Consumer<String> say) {
    try {
      return find(config, Catalog.read(reference), say);
    } catch (IOException e) {
      throw new UserError("cannot sample the images: " + e.getMessage(), e);
    }
  }

  private static ClusterColors find(SimmimConfig config, Catalog catalog, Consumer<String> say)
      throws IOException {
    int count = config.target().clusters();
    try (ImageReader reader = new ImageReader(config.fetch(), new CatalogRoots(catalog.roots()));
        ImagePath images = new ImagePath(config.image(), config.mask(), config.seed())) {
      ColorClusters clusters = new ColorClusters(config.seed());
      long sampled = Math.min(SAMPLED_IMAGES, catalog.size());
      for (long i = 0; i < sampled; i++) {
        ImageRef ref = catalog.ref(i * catalog.size() / sampled);
        EncodedImage image = reader.read(ref);
        clusters.add(images.apply(new EncodedChunk(0, 0, i, List.of(image))), PIXELS_PER_IMAGE);
      }
      if (clusters.size() < count) {
        throw new UserError(
            "target.clusters must be at most %d, the pixels sampled from these images: %d"
                .formatted(clusters.size(), count));
      }
      say.accept(
          "finding %,d colours in %,d pixels of %,d images"
              .formatted(count, clusters.size(), sampled));
      return new ClusterColors(clusters.find(count));
    }
  }

  private static ClusterColors read(SimmimConfig config, Path file) {
    int count = config.target().clusters();
    List<String> lines = content(file, count).lines().map(String::strip).toList();
    long colours = lines.stream().filter(line -> !line.isEmpty()).count();
    if (colours != count) {
      throw new UserError(
          "target.cluster-file %s must have a line for each of %d colours: %d"
              .formatted(readable(file), count, colours));
    }
    float[] values = new float[3 * count];
    int at = 0;
    for (int line = 0; line < lines.size(); line++) {
      if (!lines.get(line).isEmpty()) {
        String[] parts = lines.get(line).split("\\s+");
        for (int c = 0; c < 3; c++) {
          values[at++] = value(parts, c, line, file);
        }
      }
    }
    return new ClusterColors(values);
  }

  private static float value(String[] parts, int channel, int line, Path file) {
    try {
      float value = parts.length == 3 ? Float.parseFloat(parts[channel]) : Float.NaN;
      if (value >= 0 && value <= 255) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Refused below, like numbers out of range.
    }
    throw new UserError(
        "line %d of target.cluster-file %s must be red, green and blue between 0 and 255: %s"
            .formatted(line + 1, readable(file), String.join(" ", parts)));
  }

  private static String content(Path file, int count) {
    int limit = LINE_LIMIT * (count + 1);
    try (InputStream in = file.getFileSystem().open(file)) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new UserError(
            "target.cluster-file %s must have %d short lines: it has more than %d bytes"
                .formatted(readable(file), count, limit));
      }
      return new String(bytes, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UserError(
          "target.cluster-file cannot be read: %s (%s)".formatted(readable(file), e.getMessage()),
          e);
    }
  }

  private static String text(ClusterColors colors) {
    StringBuilder text = new StringBuilder();
    float[] values = colors.values();
    for (int k = 0; k < colors.count(); k++) {
      // Float.toString gives as many digits as it takes to read the same value back.
      text.append(
          String.join(
              " ",
              Float.toString(values[3 * k]),
              Float.toString(values[3 * k + 1]),
              Float.toString(values[3 * k + 2])));
      text.append('\n');
    }
    return text.toString();
  }
}
