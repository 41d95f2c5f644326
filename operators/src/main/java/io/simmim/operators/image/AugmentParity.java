package io.simmim.operators.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.image.augment.SampleDraws;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.CropResampler;
import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.pixel.RgbPlanes;
import io.simmim.operators.image.randaugment.OperationType;
import io.simmim.operators.image.randaugment.PixelOperation;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Replays what Pillow made of images which are recorded as pixels: bicubic crops as training draws
 * them, those of evaluation, and the operations of RandAugment. Reads each {@code augment*.json}
 * with the tensors beside it; images and results are (H, W, 3), uint8. They must be equal to the
 * level; operations that mix levels may differ by one, as builds of Pillow do among each other.
 */
final class AugmentParity {
  private static final String JSON = ".json";
  private static final int LARGEST_SIDE = 1 << 12;

  private AugmentParity() {}

  static void run(Path directory, Consumer<ParityRow> rows) {
    List<Path> recordings;
    try (Stream<Path> files = Files.list(directory)) {
      recordings = files.filter(AugmentParity::isRecording).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      rows.accept(ParityRow.failed("augment", e));
      return;
    }
    for (Path recording : recordings) {
      String file = recording.getFileName().toString();
      String name = file.substring(0, file.length() - JSON.length());
      try (SafetensorsFile tensors =
          SafetensorsFile.open(recording.resolveSibling(name + ".safetensors"))) {
        JsonNode json = new ObjectMapper().readTree(recording.toFile());
        json.path("crops").forEach(crop -> rows.accept(row(name, tensors, crop)));
        json.path("ops").forEach(operation -> rows.accept(row(name, tensors, json, operation)));
      } catch (IOException e) {
        rows.accept(ParityRow.failed(name, e));
      }
    }
  }

  private static boolean isRecording(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("augment") && name.endsWith(JSON);
  }

  private static ParityRow row(String recording, SafetensorsFile tensors, JsonNode recorded) {
    String result = recorded.path("result").asText();
    String name = "%s %s %s".formatted(recording, result, recorded.path("kind").asText());
    try {
      TensorEntry image = pixels(tensors, "image." + recorded.path("image").asInt());
      ResizedCrop crop = crop(recorded, image.size(1), image.size(0));
      byte[] actual = resized(tensors.read(image.name()), image.size(1), crop);
      LevelDifference difference =
          LevelDifference.of(actual, tensors.read(pixels(tensors, result).name()));
      return ParityRow.compared(name, difference.largest(), 0, "levels");
    } catch (IOException | RuntimeException e) {
      return ParityRow.failed(name, e);
    }
  }

  private static ParityRow row(
      String recording, SafetensorsFile tensors, JsonNode json, JsonNode recorded) {
    String result = recorded.path("result").asText();
    String label = recorded.path("op").asText();
    String name = "%s %s %s".formatted(recording, result, label);
    Optional<OperationType> type = OperationType.named(label);
    if (type.isEmpty()) {
      return ParityRow.unsupported(name, "operation " + label);
    }
    try {
      TensorEntry image = pixels(tensors, "image." + recorded.path("image").asInt());
      PixelOperation operation =
          new PixelOperation(
              type.get(), recorded.path("args").path(0).asDouble(), interpolation(recorded));
      byte[] actual = changed(tensors.read(image.name()), image, operation, fill(json));
      LevelDifference difference =
          LevelDifference.of(actual, tensors.read(pixels(tensors, result).name()));
      int allowed = type.get().isRoundedAlike() ? 0 : 1;
      return ParityRow.compared(name, difference.largest(), allowed, "levels");
    } catch (IOException | RuntimeException e) {
      return ParityRow.failed(name, e);
    }
  }

  private static Interpolation interpolation(JsonNode recorded) {
    String name = recorded.path("interpolation").asText("bicubic");
    return Interpolation.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static int[] fill(JsonNode json) {
    int[] fill = new int[3];
    for (int channel = 0; channel < fill.length; channel++) {
      fill[channel] = json.path("fill").path(channel).asInt();
    }
    return fill;
  }

  private static byte[] changed(
      ByteBuffer pixels, TensorEntry image, PixelOperation operation, int[] fill) {
    int area = image.size(0) * image.size(1);
    byte[] planes = new byte[3 * area];
    for (int i = 0; i < planes.length; i++) {
      planes[i % 3 * area + i / 3] = pixels.get(i);
    }
    operation.apply(new RgbPlanes(image.size(1), image.size(0)).at(planes, 0), fill);
    return interleaved(planes, area);
  }

  private static byte[] interleaved(byte[] planes, int area) {
    byte[] pixels = new byte[planes.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = planes[i % 3 * area + i / 3];
    }
    return pixels;
  }

  private static TensorEntry pixels(SafetensorsFile tensors, String name) throws IOException {
    TensorEntry entry = tensors.tensor(name);
    if (entry.dtype() != Dtype.U8 || entry.shape().size() != 3 || entry.size(2) != 3) {
      throw new IOException(
          "tensor %s must be U8 of shape [H, W, 3]: %s %s"
              .formatted(name, entry.dtype(), entry.shape()));
    }
    return entry;
  }

  private static ResizedCrop crop(JsonNode recorded, int width, int height) throws IOException {
    int size = recorded.path("size").asInt();
    if (size < 1 || size > LARGEST_SIDE) {
      throw new IOException("size must be from 1 to %d: %d".formatted(LARGEST_SIDE, size));
    }
    if (recorded.path("kind").asText().equals("evaluation")) {
      return new EvaluationAugmentation(size).crop(width, height, new SampleDraws(0, 0, 0));
    }
    CropBox box =
        new CropBox(
            recorded.path("y").asInt(),
            recorded.path("x").asInt(),
            recorded.path("height").asInt(),
            recorded.path("width").asInt());
    if (!box.isWithin(width, height)) {
      throw new IOException("%s is not within %d x %d".formatted(box, width, height));
    }
    return ResizedCrop.squeezed(box, size, Interpolation.BICUBIC);
  }

  /** Pixels (S, S, 3) as they are recorded. */
  private static byte[] resized(ByteBuffer image, int width, ResizedCrop crop) {
    int size = crop.size();
    CropResampler resampler = new CropResampler(size);
    CropBox box = resampler.begin(crop);
    int[][] columns = new int[box.width()][box.height()];
    for (int x = 0; x < box.width(); x++) {
      for (int y = 0; y < box.height(); y++) {
        int at = 3 * ((box.top() + y) * width + box.left() + x);
        columns[x][y] =
            (image.get(at) & 255)
                | ((image.get(at + 1) & 255) << 8)
                | ((image.get(at + 2) & 255) << 16);
      }
    }
    resampler.restart();
    resampler.strip(columns, 0, box.height());
    byte[] planes = new byte[3 * size * size];
    resampler.finish(planes, 0);
    return interleaved(planes, size * size);
  }
}
