package io.simmim.operators.source.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.bytes.Checksummed;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/** The first byte of an input is the version, the others are the stored split. */
@Timeout(20)
class ChunkSplitSerializerFuzzTest {
  private static final long ALLOWED_BYTES = 64 << 10;

  /**
   * An image without texts takes 24 bytes stored in version 1, and a record with five in memory.
   */
  private static final int ALLOWED_PER_BYTE = 64;

  private final ChunkSplitSerializer serializer = new ChunkSplitSerializer();

  static Stream<byte[]> splits() throws IOException {
    ChunkSplit split =
        new ChunkSplit(
            258,
            3,
            516,
            List.of(
                new ImageRef(9, "file:/d", 512, 1024, "x", "", "v:1"),
                new ImageRef(10, "b", 0, 0, "", "bad", "")));
    byte[] stored = new ChunkSplitSerializer().serialize(split);
    return Stream.of(
        versioned(ChunkSplitSerializer.VERSION_4, Checksummed.content(stored)),
        versioned(ChunkSplitSerializer.VERSION_5, stored));
  }

  private static byte[] versioned(int version, byte[] stored) {
    byte[] input = new byte[stored.length + 1];
    input[0] = (byte) version;
    System.arraycopy(stored, 0, input, 1, stored.length);
    return input;
  }

  @MethodSource("splits")
  @FuzzTest
  void areReadOrRefusedWithoutAllocatingWhatTheyClaim(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] stored = Arrays.copyOfRange(input, 1, input.length);
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * input.length, () -> parse(input[0], stored));
    ChunkSplit split = parse(input[0], stored);
    if (split != null) {
      ChunkSplit again =
          serializer.deserialize(serializer.getVersion(), serializer.serialize(split));
      assertThat(again).usingRecursiveComparison().isEqualTo(split);
    }
  }

  private ChunkSplit parse(int version, byte[] stored) {
    try {
      return serializer.deserialize(version, stored);
    } catch (EOFException e) {
      return null;
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
      return null;
    }
  }
}
