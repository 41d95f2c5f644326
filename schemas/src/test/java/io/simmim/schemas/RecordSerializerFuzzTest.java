package io.simmim.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.bytes.Strings;
import io.simmim.schemas.timing.DataWait;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/** The first byte of an input chooses the serializer, the others are the stored record. */
@Timeout(20)
class RecordSerializerFuzzTest {
  private static final List<RecordSerializer<?>> SERIALIZERS =
      List.of(
          TensorChunkSerializer.INSTANCE,
          EncodedChunkSerializer.INSTANCE,
          RejectedImageSerializer.INSTANCE,
          StepMetricsSerializer.INSTANCE);

  /** An array is begun before it is known whether all of it is there. */
  private static final long ALLOWED_BYTES = 2 * Strings.FIRST_PIECE;

  private static final int ALLOWED_PER_BYTE = 64;

  static Stream<byte[]> records() throws IOException {
    RejectedImage rejected = new RejectedImage(9, "f:/ä.jpg", "no JPEG", "e:7", 17);
    ImageRef ref = new ImageRef(7, "s3://b/a.tar", 512, 3, "x.jpg", "bad", "v:2");
    return Stream.of(
        seed(
            0,
            TensorChunkSerializer.INSTANCE,
            new TensorChunk(
                2, 1, 2, 1, new long[] {4}, new byte[12], new byte[1], List.of(rejected))),
        seed(
            1,
            EncodedChunkSerializer.INSTANCE,
            new EncodedChunk(
                2,
                1,
                8,
                List.of(
                    EncodedImage.of(ref, new byte[] {-1, -40}),
                    EncodedImage.failed(ref, "deleted")))),
        seed(2, RejectedImageSerializer.INSTANCE, rejected),
        seed(
            3,
            StepMetricsSerializer.INSTANCE,
            new StepMetrics(
                3, 1, 96, 32, 0.5, 1e-4, 0.25, 12.5, new DataWait(0.5, 0.125, 0.25), 1, 17)));
  }

  private static <T> byte[] seed(int index, RecordSerializer<T> serializer, T value)
      throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    out.writeByte(index);
    serializer.serialize(value, out);
    return out.getCopyOfBuffer();
  }

  @MethodSource("records")
  @FuzzTest
  void areReadOrRefusedWithoutAllocatingWhatTheyClaim(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    RecordSerializer<?> serializer = SERIALIZERS.get((input[0] & 0xFF) % SERIALIZERS.size());
    byte[] stored = Arrays.copyOfRange(input, 1, input.length);
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * stored.length, () -> parse(serializer, stored));
    requireSameAgain(serializer, stored);
  }

  /** From an input that does not tell how much is left, as that of the network. */
  private static <T> T parse(RecordSerializer<T> serializer, byte[] stored) {
    try {
      return serializer.deserialize(
          new DataInputViewStreamWrapper(new ByteArrayInputStream(stored)));
    } catch (EOFException e) {
      return null;
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
      return null;
    }
  }

  private static <T> void requireSameAgain(RecordSerializer<T> serializer, byte[] stored)
      throws IOException {
    T value = parse(serializer, stored);
    if (value != null) {
      byte[] written = bytes(serializer, value);
      T again = serializer.deserialize(new DataInputDeserializer(written));
      assertThat(bytes(serializer, again)).isEqualTo(written);
    }
  }

  private static <T> byte[] bytes(RecordSerializer<T> serializer, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(value, out);
    return out.getCopyOfBuffer();
  }
}
