package io.simmim.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class SafetensorsFuzzTest {
  /** The parser's buffers and a message. */
  private static final long ALLOWED_BYTES = 128 << 10;

  /** An entry of a few bytes becomes a name, a shape and two records in maps. */
  private static final long ALLOWED_PER_BYTE = 100;

  @TempDir static Path directory;

  static Stream<byte[]> files() {
    return Stream.of(
            "{}",
            "{\"__metadata__\":{\"format\":\"pt\"}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}",
            "{\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8,16]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN],\"data_offsets\":[0,16]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,1e400]}}",
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[4,12]}}",
            "{\"a\":{},\"a\":{}}")
        .map(header -> file(header, header.getBytes(StandardCharsets.UTF_8).length));
  }

  private static byte[] file(String header, long headerLength) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + json.length + 16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(json)
        .array();
  }

  @MethodSource("files")
  @FuzzTest
  void isReadOrRefusedInOneLineWithoutAllocatingWhatItClaims(byte[] file) throws Exception {
    Path path = Files.write(directory.resolve("fuzzed.safetensors"), file);
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + ALLOWED_PER_BYTE * file.length, () -> read(path, file.length));
  }

  private static void read(Path path, int fileLength) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      long bytes = 0;
      for (TensorEntry entry : file.tensors().values()) {
        assertThat(file.read(entry.name()).remaining()).isEqualTo((int) entry.byteCount());
        bytes += entry.byteCount();
      }
      assertThat(bytes).isLessThan(fileLength);
    } catch (IOException e) {
      assertThat(e.getMessage())
          .startsWith("not a readable safetensors file: " + path + ": ")
          .hasSizeLessThan(1000 + path.toString().length())
          .matches(text -> text.codePoints().noneMatch(Character::isISOControl));
    }
  }
}
