package io.simmim.operators.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.CropResampler;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.format.ImageDecoder;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.mask.AvgDist;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Replays recordings of PIL and torchvision: decoded images, crops, files that must not crash, and
 * AvgDist. Reads, where they are there, {@code images.json} and {@code images.safetensors} with the
 * files in {@code jpeg/}, augmentations ({@link AugmentParity}), the files in {@code jpeg_bad/},
 * and {@code avg_dist.json}.
 *
 * <p>A row's difference is in levels (0 to 255) for pixels and in pixels for AvgDist.
 */
public final class ImageParity {
  private static final String IMAGES = "images.json";
  private static final String TENSORS = "images.safetensors";
  private static final String AVG_DIST = "avg_dist.json";
  private static final String DECODED = "decoded.";

  /** Of what is decoded, as in a run with the default configuration. */
  private static final ImageConfig LIMITS = ImageConfig.ofSize(1);

  private static final int CROP_LEVELS = 1;
  private static final double CROP_MEAN_LEVELS = 0.05;
  private static final double AVG_DIST_SHARE = 0.02;
  private static final int MAX_AVG_DIST_MASKS = 1000;
  private static final double STANDARD_ERRORS = 4;

  /** One comparison, which may meet files that cannot be read. */
  @FunctionalInterface
  private interface Case {
    ParityRow compare() throws IOException;
  }

  private final Path directory;
  private final Consumer<ParityRow> rows;

  private ImageParity(Path directory, Consumer<ParityRow> rows) {
    this.directory = directory;
    this.rows = rows;
  }

  /**
   * Compares every image case of a directory. What cannot be read is a row that differs.
   *
   * @param rows receives each row as soon as it is there
   */
  public static void run(Path directory, Consumer<ParityRow> rows) {
    ImageParity parity = new ImageParity(directory, rows);
    if (Files.exists(directory.resolve(IMAGES))) {
      parity.images();
    }
    AugmentParity.run(directory, rows);
    if (Files.exists(directory.resolve("jpeg_bad"))) {
      parity.badFiles();
    }
    if (Files.exists(directory.resolve(AVG_DIST))) {
      parity.avgDist();
    }
  }

  private void images() {
    try (SafetensorsFile tensors = SafetensorsFile.open(directory.resolve(TENSORS));
        ImageDecoder decoder = new ImageDecoder(LIMITS)) {
      for (TensorEntry tensor : tensors.tensors().values()) {
        if (tensor.name().startsWith(DECODED)) {
          row(tensor.name(), () -> decoded(decoder, tensors, tensor));
        }
      }
      for (JsonNode crop : json(IMAGES).path("crops")) {
        String name = "%s %s".formatted(crop.path("tensor").asText(), crop.path("file").asText());
        row(name, () -> crop(name, decoder, tensors, crop));
      }
    } catch (IOException e) {
      rows.accept(ParityRow.failed(TENSORS, e));
    }
  }

  private void row(String name, Case comparison) {
    ParityRow row;
    try {
      row = comparison.compare();
    } catch (IOException | RuntimeException e) {
      // Whatever lies in the folder: other rows are as good as before.
      row = ParityRow.failed(name, e);
    }
    rows.accept(row);
  }

  /** A recording's JSON; if it is none, a row says so, and it has no cases. */
  private JsonNode json(String name) {
    ObjectMapper mapper = new ObjectMapper();
    try {
      return mapper.readTree(directory.resolve(name).toFile());
    } catch (IOException e) {
      rows.accept(ParityRow.failed(name, e));
      return mapper.missingNode();
    }
  }

  private byte[] file(String name) throws IOException {
    return Files.readAllBytes(directory.resolve("jpeg").resolve(name));
  }

  private ParityRow decoded(ImageDecoder decoder, SafetensorsFile tensors, TensorEntry tensor)
      throws IOException {
    byte[] file = file(tensor.name().substring(DECODED.length()));
    ByteBuffer expected = pixels(tensors, tensor.name());
    ImageHeader header = ImageHeaders.parse(file, LIMITS);
    if (tensor.size(1) != header.height() || tensor.size(2) != header.width()) {
      throw new IOException(
          "the file is %d x %d, the recording %d x %d"
              .formatted(header.width(), header.height(), tensor.size(2), tensor.size(1)));
    }
    PlanarSink sink = new PlanarSink(header.width(), header.height());
    decoder.decode(file, header, CropBox.whole(header.width(), header.height()), sink);
    LevelDifference difference = LevelDifference.of(sink.planes, expected);
    return ParityRow.compared(tensor.name(), difference.largest(), 0, "levels");
  }

  private ParityRow crop(
      String name, ImageDecoder decoder, SafetensorsFile tensors, JsonNode recorded)
      throws IOException {
    byte[] file = file(recorded.path("file").asText());
    ByteBuffer expected = pixels(tensors, recorded.path("tensor").asText());
    CropBox box =
        new CropBox(
            recorded.path("top").asInt(),
            recorded.path("left").asInt(),
            recorded.path("height").asInt(),
            recorded.path("width").asInt());
    int size = recorded.path("size").asInt();
    ImageHeader header = ImageHeaders.parse(file, LIMITS);
    if (!box.isWithin(header.width(), header.height())
        || expected.remaining() != 3L * size * size) {
      throw new IOException(
          "%s to %d pixels is not within %s, or not what is recorded".formatted(box, size, header));
    }
    CropResampler resampler = new CropResampler(size);
    ResizedCrop crop = ResizedCrop.squeezed(box, size, Interpolation.BILINEAR);
    boolean flip = recorded.path("flip").asBoolean();
    CropBox needed = resampler.begin(flip ? crop.flipped() : crop);
    decoder.decode(file, header, needed, resampler);
    byte[] actual = new byte[3 * size * size];
    resampler.finish(actual, 0);
    LevelDifference difference = LevelDifference.of(actual, expected);
    return new ParityRow(
        name,
        difference.largest() <= CROP_LEVELS && difference.mean() <= CROP_MEAN_LEVELS
            ? ParityRow.Outcome.OK
            : ParityRow.Outcome.DIFFERS,
        difference.largest(),
        "levels, mean %.4f".formatted(difference.mean()));
  }

  private static ByteBuffer pixels(SafetensorsFile tensors, String name) throws IOException {
    TensorEntry entry = tensors.tensor(name);
    if (entry.dtype() != Dtype.U8 || entry.shape().size() != 3 || entry.size(0) != 3) {
      throw new IOException(
          "tensor %s must be U8 of shape [3, H, W]: %s %s"
              .formatted(name, entry.dtype(), entry.shape()));
    }
    return tensors.read(name);
  }

  private void badFiles() {
    List<Path> files;
    try (Stream<Path> listing = Files.list(directory.resolve("jpeg_bad"))) {
      files = listing.sorted(Comparator.naturalOrder()).toList();
    } catch (IOException | UncheckedIOException e) {
      rows.accept(ParityRow.failed("jpeg_bad", e));
      return;
    }
    try (BadFileProbe probe = new BadFileProbe()) {
      for (Path file : files) {
        String name = "bad." + file.getFileName();
        row(name, () -> new ParityRow(name, ParityRow.Outcome.OK, Double.NaN, probe.outcome(file)));
      }
    }
  }

  private void avgDist() {
    for (JsonNode recorded : json(AVG_DIST).path("rows")) {
      String name =
          "avg_dist.%s image %d patch %d ratio %s"
              .formatted(
                  recorded.path("strategy").asText(),
                  recorded.path("image").asInt(),
                  recorded.path("patch").asInt(),
                  recorded.path("ratio").asDouble());
      row(name, () -> avgDist(name, recorded));
    }
  }

  private static ParityRow avgDist(String name, JsonNode recorded) {
    String strategy = recorded.path("strategy").asText();
    if (!strategy.equals("random")) {
      return ParityRow.unsupported(name, "mask strategy " + strategy);
    }
    int image = ImageConfig.ofSize(recorded.path("image").asInt()).size();
    MaskConfig config =
        new MaskConfig(recorded.path("patch").asInt(), recorded.path("ratio").asDouble());
    double expected = recorded.path("avg_dist").asDouble();
    AvgDist.Estimate estimate =
        AvgDist.estimate(image, config, 0, AVG_DIST_SHARE / STANDARD_ERRORS, MAX_AVG_DIST_MASKS);
    double error = Math.hypot(recorded.path("standard_error").asDouble(), estimate.standardError());
    double tolerance = Math.max(STANDARD_ERRORS * error, AVG_DIST_SHARE * expected);
    return ParityRow.compared(name, Math.abs(estimate.mean() - expected), tolerance, "pixels");
  }
}
