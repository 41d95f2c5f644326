package io.simmim.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.timing.ChunkTimes;
import io.simmim.schemas.timing.DataWait;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** Round trips and the stored bytes of each format version. */
class RecordSerializerTest {
  private static final ImageRef REF = new ImageRef(7, "s3://b/ä.tar", 512, 3, "x.jpg", "", "v:2");
  private static final RejectedImage REJECTED =
      new RejectedImage(9, "f:/x.jpg", "no JPEG", "e:7", 0x102030405L);
  private static final RejectedImage REJECTED_1 = new RejectedImage(9, "f:/x.jpg", "no JPEG");
  private static final String REJECTED_HEX =
      "0000000000000009" + "00000008663a2f782e6a7067" + "000000076e6f204a504547";
  private static final String TENSORS_HEX =
      "0000000000000002"
          + "00000001"
          + "00000001"
          + "00000001"
          + "00000002"
          + "0000000000000004"
          + "0000000000000005"
          + "0102030405ff"
          + "0001"
          + "00000001";
  private static final TensorChunk TENSORS = tensors(REJECTED);
  private static final ChunkTimes TIMES = new ChunkTimes(0x102030405L, 0x102030607L);
  private static final String TIMES_HEX = "0000000102030405" + "0000000102030607";
  private static final DataWait WAIT = new DataWait(0.125, 0.0625, 0.25);
  private static final StepMetrics METRICS =
      new StepMetrics(3, 1, 96, 32, 0.5, 1e-4, 0.25, 12.5, WAIT, 1, 1_700_000_000_000L);

  @Test
  void keepsTensorChunkFormatVersion1() throws IOException {
    TensorChunk read = parse(TensorChunkSerializer.INSTANCE, "01" + TENSORS_HEX + REJECTED_HEX);

    assertThat(read).usingRecursiveComparison().isEqualTo(tensors(REJECTED_1));
  }

  @Test
  void keepsTensorChunkFormatVersion2() throws IOException {
    String stored = "02" + TENSORS_HEX + REJECTED_HEX + "00000003653a37" + "0000000102030405";

    TensorChunk read = parse(TensorChunkSerializer.INSTANCE, stored);
    assertThat(read).usingRecursiveComparison().isEqualTo(TENSORS);
  }

  @Test
  void keepsTensorChunkFormatVersion3() throws IOException {
    String stored =
        "03" + TENSORS_HEX + REJECTED_HEX + "00000003653a37" + "0000000102030405" + TIMES_HEX;
    TensorChunk timed = TENSORS.at(TIMES);
    assertThat(hex(TensorChunkSerializer.INSTANCE, timed)).isEqualTo(stored);

    TensorChunk read = parse(TensorChunkSerializer.INSTANCE, stored);
    assertThat(read).usingRecursiveComparison().isEqualTo(timed);
  }

  @Test
  void keepsFormatsOfRejectedImages() throws IOException {
    assertThat(parse(RejectedImageSerializer.INSTANCE, "01" + REJECTED_HEX)).isEqualTo(REJECTED_1);
    String stored = "02" + REJECTED_HEX + "00000003653a37" + "0000000102030405";
    assertThat(hex(RejectedImageSerializer.INSTANCE, REJECTED)).isEqualTo(stored);
    assertThat(parse(RejectedImageSerializer.INSTANCE, stored)).isEqualTo(REJECTED);
  }

  @Test
  void keepsEncodedChunkFormatVersion4() throws IOException {
    EncodedChunk chunk =
        new EncodedChunk(
            2,
            1,
            8,
            List.of(
                EncodedImage.of(REF, new byte[] {-1, -40, -1}),
                EncodedImage.failed(REF, "deleted")),
            TIMES.fetchedMicros());
    String ref =
        "0000000000000007"
            + "0000000d73333a2f2f622fc3a42e746172"
            + "0000000000000200"
            + "00000003"
            + "00000005782e6a7067"
            + "00000000"
            + "00000003763a32";
    String stored =
        "04"
            + "0000000000000002"
            + "00000001"
            + "0000000000000008"
            + "0000000102030405"
            + "00000002"
            + (ref + "00" + "00000003" + "ffd8ff")
            + (ref + "01" + "0000000764656c65746564");
    assertThat(hex(EncodedChunkSerializer.INSTANCE, chunk)).isEqualTo(stored);

    EncodedChunk read = parse(EncodedChunkSerializer.INSTANCE, stored);
    assertThat(read).usingRecursiveComparison().isEqualTo(chunk);
  }

  @Test
  void keepsStepMetricsFormats() throws IOException {
    String until =
        "0000000000000003"
            + "00000001"
            + "0000000000000060"
            + "00000020"
            + "3fe0000000000000"
            + "3f1a36e2eb1c432d"
            + "3fd0000000000000"
            + "4029000000000000";
    String from = "0000000000000001" + "0000018bcfe56800";
    String stored =
        "02" + until + "3fc0000000000000" + "3fb0000000000000" + "3fd0000000000000" + from;

    assertThat(hex(StepMetricsSerializer.INSTANCE, METRICS)).isEqualTo(stored);
    assertThat(parse(StepMetricsSerializer.INSTANCE, stored)).isEqualTo(METRICS);
    assertThat(
            parse(StepMetricsSerializer.INSTANCE, "01" + until + "3fc0000000000000" + from)
                .dataWait())
        .isEqualTo(new DataWait(0, 0, 0.125));
  }

  @Test
  void namesTheFoundAndTheSupportedVersion() {
    assertThatThrownBy(() -> parse(RejectedImageSerializer.INSTANCE, "05"))
        .isInstanceOf(IOException.class)
        .hasMessage("rejected image has format version 5; this build reads versions 1 to 2");
    assertThatThrownBy(() -> parse(EncodedChunkSerializer.INSTANCE, "02"))
        .isInstanceOf(IOException.class)
        .hasMessage("encoded chunk has format version 2; this build reads version 4");
  }

  @Test
  void refusesTruncatedRecords() throws IOException {
    String stored = hex(TensorChunkSerializer.INSTANCE, TENSORS);
    assertThatThrownBy(
            () -> parse(TensorChunkSerializer.INSTANCE, stored.substring(0, stored.length() - 2)))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void handsOutTheSameInstanceAsACopy() {
    assertThat(TensorChunkSerializer.INSTANCE.copy(TENSORS)).isSameAs(TENSORS);
    assertThat(TensorChunkSerializer.TYPE.createSerializer(null))
        .isSameAs(TensorChunkSerializer.INSTANCE);
  }

  @Test
  void refusesPixelsOfAnotherSize() {
    assertThatThrownBy(
            () -> new TensorChunk(0, 0, 2, 1, new long[] {1}, new byte[11], new byte[1], List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pixels of 1 images must hold 3 x 2 x 2 bytes each: 11");
  }

  private static TensorChunk tensors(RejectedImage rejected) {
    return new TensorChunk(
        2,
        1,
        1,
        1,
        new long[] {4, 5},
        new byte[] {1, 2, 3, 4, 5, -1},
        new byte[] {0, 1},
        List.of(rejected));
  }

  private static <T> String hex(RecordSerializer<T> serializer, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(value, out);
    return HexFormat.of().formatHex(Arrays.copyOf(out.getSharedBuffer(), out.length()));
  }

  private static <T> T parse(RecordSerializer<T> serializer, String hex) throws IOException {
    return serializer.deserialize(new DataInputDeserializer(HexFormat.of().parseHex(hex)));
  }
}
