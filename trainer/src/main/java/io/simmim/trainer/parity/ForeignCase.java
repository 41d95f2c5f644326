package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.SafetensorsWriter;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.InferenceConfig;
import io.simmim.trainer.interop.ForeignExport;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A model as transformers or timm wrote it, with what they compute: read, computed, and written
 * again.
 */
final class ForeignCase {
  /** What libraries computed of a recorded model. */
  private static final String EXPECTED = "expected.safetensors";

  private static final int PIECE = 1 << 20;

  private final Path folder;
  private final String device;
  private final Agreement agreement;

  private ForeignCase(Path folder, String device) {
    this.folder = folder;
    this.device = device;
    agreement = new Agreement(folder.getFileName().toString());
  }

  /** One row per recording in a directory, or in the folder {@code interop} in it. */
  static List<ParityRow> rows(Path directory, String device) throws IOException {
    List<Path> folders;
    try (Stream<Path> entries = Files.walk(directory, 2)) {
      folders =
          entries
              .filter(entry -> Files.isRegularFile(entry.resolve(EXPECTED)))
              .filter(entry -> Files.isRegularFile(entry.resolve(ModelPaths.CONFIG)))
              .sorted()
              .toList();
    }
    return folders.stream().map(folder -> row(folder, device)).toList();
  }

  private static ParityRow row(Path folder, String device) {
    String name = folder.getFileName().toString();
    try {
      return new ForeignCase(folder, device).run();
    } catch (IllegalArgumentException e) {
      return ParityRow.unsupported(name, e.getMessage());
    } catch (IOException | RuntimeException e) {
      return ParityRow.failed(name, e);
    }
  }

  private ParityRow run() throws IOException {
    ForeignText text = text();
    Path official = Files.createTempFile("simmim-parity", ".safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(ModelPaths.WEIGHTS))) {
      ForeignModel model =
          ForeignModel.read(text, TensorSource.of(new SafetensorsTensors(file, "")))
              .orElseThrow(
                  () -> new IllegalArgumentException("it is of neither transformers nor timm"));
      write(model.official(Absent.ZERO), official);
      try (SafetensorsFile ours = SafetensorsFile.open(official)) {
        compute(model, ours);
        writeAgain(model, file, ours);
      }
    } finally {
      Files.delete(official);
    }
    return agreement.row();
  }

  private ForeignText text() throws IOException {
    Path preprocessor = folder.resolve(ForeignText.PREPROCESSOR);
    return new ForeignText(
        Files.readString(folder.resolve(ModelPaths.CONFIG)),
        Files.exists(preprocessor)
            ? Optional.of(Files.readString(preprocessor))
            : Optional.empty());
  }

  private static void write(StateReader state, Path target) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      SafetensorsWriter.writeParameters(state, Map.of(), out);
    }
  }

  private void compute(ForeignModel model, SafetensorsFile ours) throws IOException {
    try (SafetensorsFile expected = SafetensorsFile.open(folder.resolve(EXPECTED))) {
      ModelConfig shown = ForeignResults.shown(model.model(), expected);
      InferenceConfig config =
          new InferenceConfig(shown, ClusterColors.NONE, Precision.FP32, 1, device);
      try (FrozenEncoder encoder = FrozenEncoder.load(config, new SafetensorsTensors(ours, ""))) {
        new ForeignResults(model, shown, encoder, expected, ours, agreement).compare();
      }
    }
  }

  /**
   * Bytes of every tensor that the class which is written has, and the same model in the
   * configuration. The encoder's own class has no field of that name in front.
   */
  private void writeAgain(ForeignModel model, SafetensorsFile file, SafetensorsFile ours)
      throws IOException {
    ForeignExport export = model.export(TensorSource.of(new SafetensorsTensors(ours, "")));
    StateReader again = export.tensors();
    Set<String> left = new TreeSet<>(file.tensors().keySet());
    left.removeIf(ForeignModel::followsFromOthers);
    left.removeAll(export.leftOut());
    for (int i = 0; i < again.tensors().size(); i++) {
      String name = inField(again.tensors().get(i).name().substring("param/".length()), left);
      boolean same =
          left.remove(name)
              && again.tensors().get(i).shape().equals(file.tensor(name).shape())
              && sameBytes(again, i, file, name);
      agreement.require("bytes of " + name, same);
    }
    agreement.require("tensors that are not written again: " + left, left.isEmpty());
    ForeignText written =
        new ForeignText(
            new ObjectMapper().writeValueAsString(export.config()),
            export.preprocessor().map(ObjectNode::toString));
    agreement.require(
        "the configuration, written again, is that of the same model",
        ForeignModel.read(written, TensorSource.of(new SafetensorsTensors(file, "")))
            .filter(read -> read.model().equals(model.model()))
            .isPresent());
  }

  private static String inField(String name, Set<String> names) {
    Pattern inField = Pattern.compile("[a-z0-9_]+\\." + Pattern.quote(name));
    return names.contains(name)
        ? name
        : names.stream().filter(inField.asMatchPredicate()).findFirst().orElse(name);
  }

  private static boolean sameBytes(StateReader again, int tensor, SafetensorsFile file, String name)
      throws IOException {
    long bytes = again.tensors().get(tensor).bytes();
    for (long offset = 0; offset < bytes; offset += PIECE) {
      int length = (int) Math.min(PIECE, bytes - offset);
      ByteBuffer one = ByteBuffer.allocate(length);
      ByteBuffer other = ByteBuffer.allocate(length);
      again.read(tensor, offset, one);
      file.read(file.tensor(name), offset, other);
      if (!one.flip().equals(other.flip())) {
        return false;
      }
    }
    return true;
  }
}
