package io.simmim.operators.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Replays recordings of PIL and torchvision: decoded images, crops, files that must not crash, and
 * AvgDist. Reads, where they are there, {@code images.json} and {@code images.safetensors} with the
 * files in {@code jpeg/}, the files in {@code jpeg_bad/}, and {@code avg_dist.json}.
 *
 * <p>A row's difference is in levels (0 to 255) for pixels and in pixels for AvgDist.
 */
public final class ImageParity {
  /** PIL and libjpeg round the conversion from CMYK differently; all else is exact. */
  private static final int CMYK_LEVELS = 2;

  private static final int CROP_LEVELS = 1;
  private static final double CROP_MEAN_LEVELS = 0.05;
  private static final double AVG_DIST_SHARE = 0.02;
  private static final int MAX_AVG_DIST_MASKS = 1000;
  private static final double STANDARD_ERRORS = 4;
  private static final int CMYK_COMPONENTS = 4;

  private final Path directory;
  private final Consumer<ParityRow> rows;

  private ImageParity(Path directory, Consumer<ParityRow> rows) {
    this.directory = directory;
    this.rows = rows;
  }

  /**
   * Compares every image case of a directory.
   *
   * @param rows receives each row as soon as it is there
   * @throws IOException if a recording cannot be read
   */
  public static void run(Path directory, Consumer<ParityRow> rows) throws IOException {
    ImageParity parity = new ImageParity(directory, rows);
    if (Files.exists(directory.resolve("images.json"))) {
      parity.images();
    }
    if (Files.isDirectory(directory.resolve("jpeg_bad"))) {
      parity.badFiles();
    }
    if (Files.exists(directory.resolve("avg_dist.json"))) {
      parity.avgDist();
    }
  }

  private void images() throws IOException {
    JsonNode recording = new ObjectMapper().readTree(directory.resolve("images.json").toFile());
    Map<String, byte[]> files = new TreeMap<>();
    try (SafetensorsFile tensors = SafetensorsFile.open(directory.resolve("images.safetensors"));
        ImageDecoder decoder = new ImageDecoder(ImageConfig.ofSize(1))) {
      for (TensorEntry tensor : tensors.tensors().values()) {
        if (tensor.name().startsWith("decoded.")) {
          String file = tensor.name().substring("decoded.".length());
          files.put(file, Files.readAllBytes(directory.resolve("jpeg").resolve(file)));
          decoded(decoder, tensors, tensor, files.get(file));
        }
      }
      for (JsonNode crop : recording.path("crops")) {
        String file = crop.path("file").asText();
        if (!files.containsKey(file)) {
          files.put(file, Files.readAllBytes(directory.resolve("jpeg").resolve(file)));
        }
        crop(decoder, tensors, crop, files.get(file));
      }
    }
  }

  private void decoded(
      ImageDecoder decoder, SafetensorsFile tensors, TensorEntry tensor, byte[] file)
      throws IOException {
    ByteBuffer expected = pixels(tensors, tensor.name());
    ImageHeader header = ImageHeader.parse(file);
    if (tensor.size(1) != header.height() || tensor.size(2) != header.width()) {
      rows.accept(
          new ParityRow(
              tensor.name(),
              ParityRow.Outcome.DIFFERS,
              Double.NaN,
              "the file is %d x %d, the recording %d x %d"
                  .formatted(header.width(), header.height(), tensor.size(2), tensor.size(1))));
      return;
    }
    PlanarSink sink = new PlanarSink(header.width(), header.height());
    decoder.decode(file, header, CropBox.whole(header.width(), header.height()), sink);
    Difference difference = Difference.of(sink.planes, expected);
    int tolerance = isCmyk(file) ? CMYK_LEVELS : 0;
    rows.accept(ParityRow.compared(tensor.name(), difference.largest(), tolerance, "levels"));
  }

  private void crop(ImageDecoder decoder, SafetensorsFile tensors, JsonNode recorded, byte[] file)
      throws IOException {
    String tensor = recorded.path("tensor").asText();
    ByteBuffer expected = pixels(tensors, tensor);
    CropBox box =
        new CropBox(
            recorded.path("top").asInt(),
            recorded.path("left").asInt(),
            recorded.path("height").asInt(),
            recorded.path("width").asInt());
    int size = recorded.path("size").asInt();
    CropResampler resampler = new CropResampler(size);
    resampler.begin(box.width(), box.height());
    decoder.decode(file, ImageHeader.parse(file), box, resampler);
    byte[] actual = new byte[3 * size * size];
    resampler.finish(actual, 0, recorded.path("flip").asBoolean());
    Difference difference = Difference.of(actual, expected);
    boolean cmyk = isCmyk(file);
    int tolerance = cmyk ? CMYK_LEVELS : CROP_LEVELS;
    double meanTolerance = cmyk ? CMYK_LEVELS : CROP_MEAN_LEVELS;
    String name = "%s %s".formatted(tensor, recorded.path("file").asText());
    rows.accept(
        new ParityRow(
            name,
            difference.largest() <= tolerance && difference.mean() <= meanTolerance
                ? ParityRow.Outcome.OK
                : ParityRow.Outcome.DIFFERS,
            difference.largest(),
            "levels, mean %.4f".formatted(difference.mean())));
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

  private static boolean isCmyk(byte[] file) {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.isFrameHeader() && markers.length() > 5) {
        return file[markers.start() + 5] == CMYK_COMPONENTS;
      }
    }
    return false;
  }

  private void badFiles() throws IOException {
    List<Path> files;
    try (Stream<Path> listing = Files.list(directory.resolve("jpeg_bad"))) {
      files = listing.sorted(Comparator.naturalOrder()).toList();
    }
    try (BadFileProbe probe = new BadFileProbe()) {
      for (Path file : files) {
        rows.accept(
            new ParityRow(
                "bad." + file.getFileName(),
                ParityRow.Outcome.OK,
                Double.NaN,
                probe.outcome(file)));
      }
    }
  }

  private void avgDist() throws IOException {
    JsonNode recording = new ObjectMapper().readTree(directory.resolve("avg_dist.json").toFile());
    for (JsonNode row : recording.path("rows")) {
      int image = row.path("image").asInt();
      int patch = row.path("patch").asInt();
      double ratio = row.path("ratio").asDouble();
      String strategy = row.path("strategy").asText();
      String name =
          "avg_dist.%s image %d patch %d ratio %s".formatted(strategy, image, patch, ratio);
      if (!strategy.equals("random")) {
        rows.accept(ParityRow.unsupported(name, "mask strategy " + strategy));
        continue;
      }
      double expected = row.path("avg_dist").asDouble();
      MaskConfig config = new MaskConfig(patch, ratio);
      AvgDist.Estimate estimate =
          AvgDist.estimate(image, config, 0, AVG_DIST_SHARE / STANDARD_ERRORS, MAX_AVG_DIST_MASKS);
      double error = Math.hypot(row.path("standard_error").asDouble(), estimate.standardError());
      double tolerance = Math.max(STANDARD_ERRORS * error, AVG_DIST_SHARE * expected);
      rows.accept(
          ParityRow.compared(name, Math.abs(estimate.mean() - expected), tolerance, "pixels"));
    }
  }

  private record Difference(int largest, double mean) {
    static Difference of(byte[] actual, ByteBuffer expected) throws IOException {
      if (expected.remaining() != actual.length) {
        throw new IOException(
            "a recording must have %d bytes: %d".formatted(actual.length, expected.remaining()));
      }
      int largest = 0;
      long sum = 0;
      for (int i = 0; i < actual.length; i++) {
        int difference = Math.abs((actual[i] & 255) - (expected.get(i) & 255));
        largest = Math.max(largest, difference);
        sum += difference;
      }
      return new Difference(largest, (double) sum / actual.length);
    }
  }
}
