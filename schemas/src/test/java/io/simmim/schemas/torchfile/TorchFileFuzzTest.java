package io.simmim.schemas.torchfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class TorchFileFuzzTest {
  /** The search for the archive's directory, buffers and a message. */
  private static final long ALLOWED_BYTES = 512 << 10;

  /** An operation of one byte makes an object, which is put into lists and remembered. */
  private static final long ALLOWED_PER_BYTE = 500;

  @TempDir static Path directory;

  static Stream<byte[]> files() {
    return Stream.of(
            "archive",
            "legacy",
            "protocol4",
            "executes",
            "executes-legacy",
            "recursive",
            "compressed",
            "lies-storage",
            "lies-strides",
            "lies-shape",
            "lies-entry",
            "overlaps",
            "recursive-keys",
            "truncated")
        .map(name -> TorchFileTest.resource(name + ".pth"));
  }

  @MethodSource("files")
  @FuzzTest
  void isReadOrRefusedInOneLineWithoutAllocatingWhatItClaims(byte[] file) throws Exception {
    Path path = Files.write(directory.resolve("fuzzed.pth"), file);
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + ALLOWED_PER_BYTE * file.length, () -> read(path, file.length));
  }

  private static void read(Path path, int fileLength) {
    try (TorchFile file = TorchFile.open(path)) {
      for (Map.Entry<String, TorchTensor> entry : file.tensors().entrySet()) {
        TorchTensor tensor = entry.getValue();
        assertThat(tensor.elements() * tensor.dtype().bytes()).isLessThan(fileLength);
        // Many may share a storage: what is read at once must be bounded, not all of them together.
        FloatBuffer values = FloatBuffer.allocate((int) Math.min(16, tensor.elements()));
        file.read(tensor, tensor.elements() - values.capacity(), values);
        assertThat(values.hasRemaining()).isFalse();
      }
    } catch (IOException e) {
      assertThat(e.getMessage())
          .startsWith("not a readable PyTorch file: " + path + ": ")
          .hasSizeLessThan(1500 + path.toString().length())
          .matches(text -> text.codePoints().noneMatch(Character::isISOControl));
    }
  }
}
