package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.SourceCheckpoint;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Checksummed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/** An input is what Flink stores for the coordinator of a source. */
@Timeout(20)
class ChunkEnumeratorStateFuzzTest {
  private static final long ALLOWED_BYTES = 64 << 10;

  /** A chunk that came back takes 8 bytes stored, and an object in a list in memory. */
  private static final int ALLOWED_PER_BYTE = 64;

  private static final int HEAD = 3 * Integer.BYTES;

  private final ChunkEnumeratorStateSerializer serializer = new ChunkEnumeratorStateSerializer();

  static Stream<byte[]> states() {
    PlanState listed =
        new PlanState.Listed(
            7,
            Shuffle.BLOCK,
            new CatalogReference("file:/c", "a".repeat(64), 100),
            new BatchPlan(100, 5, 4, 3, 2));
    PlanState arriving =
        new PlanState.Arriving(
            Optional.of(new ArrivalLogReference("file:/l", 1024, "b".repeat(64))),
            new ArrivalLogHeader(9, 0.25, 2, 6),
            4,
            3,
            "kafka://h:1/t",
            Map.of(0, 8L, 2, 1L << 32));
    return Stream.of(listed, arriving).flatMap(ChunkEnumeratorStateFuzzTest::coordinators);
  }

  /** With a checksum, and without it, as changed bytes are looked at. */
  private static Stream<byte[]> coordinators(PlanState images) {
    ChunkEnumeratorStateSerializer serializer = new ChunkEnumeratorStateSerializer();
    ChunkEnumeratorState state =
        new ChunkEnumeratorState.Progress(images, 17, List.of(3L, 7L), Map.of(5L, "bad"), 4);
    try {
      byte[] stored = serializer.serialize(state);
      return Stream.of(
          coordinator(ChunkEnumeratorStateSerializer.VERSION_7, stored),
          coordinator(ChunkEnumeratorStateSerializer.VERSION_6, Checksummed.content(stored)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] coordinator(int version, byte[] state) {
    return ByteBuffer.allocate(HEAD + state.length)
        .putInt(1)
        .putInt(version)
        .putInt(state.length)
        .put(state)
        .array();
  }

  @MethodSource("states")
  @FuzzTest
  void isReadOrRefusedInOneLineWithoutAllocatingWhatItClaims(byte[] input) throws Exception {
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * input.length, () -> parse(input));
    if (input.length < HEAD) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(input);
    int version = bytes.getInt(Integer.BYTES);
    byte[] stored = new byte[input.length - HEAD];
    bytes.get(HEAD, stored);
    ChunkEnumeratorState state = serializer.deserialize(version, stored);
    if (state instanceof ChunkEnumeratorState.Unreadable unreadable) {
      assertThat(unreadable.problem()).isNotBlank().doesNotContain("\n");
    } else {
      assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(state)))
          .isEqualTo(state);
    }
  }

  private static void parse(byte[] input) {
    try {
      assertThat(SourceCheckpoint.parse(input).nextChunk()).isNotNegative();
    } catch (UserError e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }
}
