package io.simmim.schemas.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that PyTorch 2.13 wrote, and such with a few bytes changed: {@code values.safetensors} has
 * what PyTorch reads from {@code archive.pth} and {@code legacy.pth}.
 */
@Timeout(20)
class TorchFileTest {
  @TempDir private Path folder;

  static byte[] resource(String name) {
    try (InputStream in = TorchFileTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path file(String name) throws IOException {
    return Files.write(folder.resolve(name), resource(name));
  }

  @ValueSource(strings = {"archive.pth", "legacy.pth"})
  @ParameterizedTest
  void readsWhatPyTorchReads(String name) throws IOException {
    try (SafetensorsFile expected = SafetensorsFile.open(file("values.safetensors"));
        TorchFile file = TorchFile.open(file(name))) {
      assertThat(file.tensors()).containsOnlyKeys(expected.tensors().keySet());
      for (Map.Entry<String, TorchTensor> entry : file.tensors().entrySet()) {
        TorchTensor tensor = entry.getValue();
        FloatBuffer values = FloatBuffer.allocate((int) tensor.elements());
        file.read(tensor, 0, values);

        assertThat(tensor.shape())
            .as(entry.getKey())
            .isEqualTo(expected.tensor(entry.getKey()).shape());
        assertThat(values.array())
            .as(entry.getKey())
            .isEqualTo(expected.readFloats(entry.getKey()));
      }
      assertThat(file.tensors().get("transposed").isContiguous()).isFalse();
      assertThat(file.tensors().get("bf16").dtype()).isEqualTo(Dtype.BF16);
    }
  }

  @Test
  void readsAPieceFromAnyValueOn() throws IOException {
    try (TorchFile file = TorchFile.open(file("archive.pth"))) {
      FloatBuffer piece = FloatBuffer.allocate(4);
      piece.position(1).limit(3);
      file.read(file.tensors().get("transposed"), 5, piece);

      // (6, 4) of 0 to 23 in rows of 6, transposed: 0 6 12 18, 1 7 13 19 …
      assertThat(piece.array()).containsExactly(0, 7, 13, 0);
      assertThatThrownBy(() -> file.read(file.tensors().get("f32"), 9, FloatBuffer.allocate(4)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void readsNewerPicklesAndOtherWrappers() throws IOException {
    try (TorchFile file = TorchFile.open(file("protocol4.pth"))) {
      assertThat(file.tensors()).containsOnlyKeys("w");
    }
  }

  /**
   * As PyTorch's ImageNet example saves: {@code epoch}, {@code arch}, {@code state_dict}, {@code
   * best_acc1}, {@code optimizer}, the accuracy being a tensor.
   */
  @ValueSource(strings = {"imagenet-example.pth", "imagenet-example-legacy.pth"})
  @ParameterizedTest
  void takesTheWeightsRatherThanTheTensorsBesideThem(String name) throws IOException {
    try (TorchFile file = TorchFile.open(file(name))) {
      assertThat(file.tensors())
          .containsOnlyKeys("module.0.weight", "module.0.bias", "module.1.weight");
    }
  }

  /** A description of a model stands under "model", with two tensors. */
  @Test
  void takesTheDictionaryWithTheMostTensorsOfThoseOfAScript() throws IOException {
    try (TorchFile file = TorchFile.open(file("described.pth"))) {
      assertThat(file.tensors()).containsOnlyKeys("0.weight", "0.bias", "1.weight");
    }
  }

  @Test
  void findsTensorsInADictionaryThatHoldsItself() throws IOException {
    try (TorchFile file = TorchFile.open(file("recursive.pth"))) {
      assertThat(file.tensors()).containsOnlyKeys("w");
    }
  }

  @CsvSource(
      delimiter = '|',
      value = {
        "executes.pth | it holds more than tensors and plain containers: posix.system is refused",
        "executes-legacy.pth | it holds more than tensors and plain containers: posix.system is refused",
        "recursive-wrapper.pth | it has no dictionary of tensors (looked for at its top and under model, state_dict, module, model_state_dict, net)",
        "compressed.pth | entry plain/data.pkl of the archive must be stored, neither compressed nor encrypted",
        "lies-storage.pth | storage 0 claims 2147483647 values of type F32, more than the file can hold",
        "lies-strides.pth | a tensor of shape [2, 3], strides [3, 5] and offset 0 is not within the 6 values of storage 0",
        "lies-shape.pth | a tensor of shape [2147483647, 3], strides [3, 1] and offset 0 is not within the 6 values of storage 0",
        "repeats.pth | a tensor of shape [2, 3] and strides [0, 0] repeats the 1 values of storage 0, which is not read: save it contiguous",
        "lies-entry.pth | its archive is damaged: entry plain/data/0 claims 1048576 bytes, more than there are",
        "overlaps.pth | its archive is damaged: two entries overlap at byte",
        "recursive-keys.pth | its list of storages has one that no tensor has, or one twice",
        "truncated.pth | it ends before storage",
      })
  @ParameterizedTest
  void refusesInOneLine(String name, String reason) throws Exception {
    Path path = file(name);

    HeapAllocation.requireAtMost(
        1 << 20,
        () ->
            assertThatThrownBy(() -> TorchFile.open(path))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("not a readable PyTorch file: " + path + ": " + reason)
                .message()
                .hasLineCount(1));
  }

  /** They are written once and used again and again. */
  @Test
  void refusesWhatIsLargeOnlySinceItIsRepeated() throws Exception {
    for (byte[] file :
        List.of(MadeUpPickle.withRepeatedPairs(), MadeUpPickle.withRepeatedSizes())) {
      assertThat(file).hasSizeLessThan(400_000);
      Path path = Files.write(folder.resolve("repeated.pth"), file);

      HeapAllocation.requireAtMost(
          400 << 20,
          () ->
              assertThatThrownBy(() -> TorchFile.open(path))
                  .isInstanceOf(IOException.class)
                  .hasMessage(
                      "not a readable PyTorch file: %s: its pickle uses what it remembers too often: more than 2000000 values of it",
                      path));
    }
  }

  @Test
  void knowsItsFilesFromOthersByTheirFirstBytes() throws IOException {
    for (String name : List.of("archive.pth", "legacy.pth", "protocol4.pth")) {
      assertThat(TorchFile.isOne(file(name))).as(name).isTrue();
    }
    // The length of a header of 640 bytes begins as a pickle of protocol 2 does.
    Path other = Files.write(folder.resolve("s"), new byte[] {(byte) 0x80, 2, 0, 0, 0, 0, 0, 0});
    assertThat(TorchFile.isOne(other)).isFalse();
  }
}
