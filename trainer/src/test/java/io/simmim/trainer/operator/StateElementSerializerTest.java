package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.UserError;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.operator.StateElement.Damaged;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.operator.StateElement.PendingChunk;
import io.simmim.trainer.operator.StateElement.PieceBytes;
import io.simmim.trainer.operator.StateElement.RejectedIds;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class StateElementSerializerTest {
  private static final TrainingPlatform PLATFORM = new TrainingPlatform("2.7.1", "cpu", "AVX2", 4);
  private static final Header HEADER =
      new Header(
          0x0102030405060708L,
          new ConfigurationIdentity(Map.of("seed", "7", "encoder.depth", "2"), Map.of("seed", "0")),
          PLATFORM,
          new TrainingProgress(7, 26, 4, 1, 0.5),
          2,
          1,
          14,
          1,
          List.of(new RejectedImage(3, "file:/a.jpg", "not a JPEG", "v:1", 1_700_000_000_000L)),
          1,
          List.of(
              new TensorSpec("param/w", List.of(2L)), new TensorSpec("optimizer/step", List.of())));

  /** What stands in a header before and after its first rejected image. */
  private static final String VALUES =
      "00000002" // keys, sorted
          + "000d656e636f6465722e6465707468"
          + "000132"
          + "000473656564"
          + "000137";

  private static final String DEFAULTS = "00000001" + "000473656564" + "000130";

  private static final String PLATFORM_FIELDS =
      "0005322e372e31" + "0003637075" + "000441565832" + "00000004"; // libtorch … threads

  private static final String HEADER_START =
      "0000000000000002"
          + "00000001"
          + "000000000000000e" // step, micro-batch, chunk
          + "0000000000000007"
          + "000000000000001a" // micro-batches, images
          + "00000004"
          + "00000001"
          + "3fe0000000000000" // of this step: images, losses, sum
          + "00000001" // rejected images
          + "00000001";

  private static final String HEADER_END =
      "00000001" // pending chunks
          + "00000002" // tensors
          + "0007706172616d2f77"
          + "00000001"
          + "0000000000000002"
          + "000e6f7074696d697a65722f73746570"
          + "00000000";

  @Test
  void headerHasItsGoldenBytes() throws Exception {
    assertThat(hex(HEADER))
        .isEqualTo(
            "02"
                + "01"
                + "0102030405060708" // version, kind, snapshot
                + "000000e4" // length of the body
                + VALUES
                + DEFAULTS
                + PLATFORM_FIELDS
                + HEADER_START
                + "02"
                + "0000000000000003" // the first of them
                + "0000000b66696c653a2f612e6a7067"
                + "0000000a6e6f742061204a504547"
                + "00000003763a31"
                + "0000018bcfe56800" // version, time
                + HEADER_END
                + "08ff8a7b"); // CRC-32C
    assertThat(read(bytes(HEADER))).isEqualTo(HEADER);
  }

  @Test
  void readsHeadersOfBeforeRejectedImagesHadVersionAndTime() throws Exception {
    String stored =
        "02"
            + "01"
            + "0102030405060708" // version, kind, snapshot
            + "000000d5" // length of the body
            + VALUES
            + DEFAULTS
            + PLATFORM_FIELDS
            + HEADER_START
            + "01"
            + "0000000000000003"
            + "0000000b66696c653a2f612e6a7067"
            + "0000000a6e6f742061204a504547"
            + HEADER_END
            + "5b14713e"; // CRC-32C

    assertThat(((Header) read(HexFormat.of().parseHex(stored))).firstRejected())
        .containsExactly(new RejectedImage(3, "file:/a.jpg", "not a JPEG"));
  }

  @Test
  void pieceHasItsGoldenBytes() throws Exception {
    byte[] stored = bytes(new TensorPiece(9, "param/w", 4, 3, new HeapBytes(new byte[] {7, 8, 9})));

    assertThat(HexFormat.of().formatHex(stored))
        .isEqualTo(
            "02"
                + "03"
                + "0000000000000009" // version, kind, snapshot
                + "00000018" // length of the body
                + "0007706172616d2f77" // name
                + "0000000000000004"
                + "00000003" // offset, length
                + "070809" // values
                + "84525262"); // CRC-32C
    TensorPiece piece = (TensorPiece) read(stored);
    assertThat(piece.tensor()).isEqualTo("param/w");
    assertThat(piece.offset()).isEqualTo(4);
    ByteBuffer values = ByteBuffer.allocate(2);
    piece.bytes().read(1, values);
    assertThat(values.array()).containsExactly(8, 9);
    piece.bytes().free();
  }

  @Test
  void readsBackIdsAndChunks() throws Exception {
    RejectedIds ids = (RejectedIds) read(bytes(new RejectedIds(1, new long[] {4, 1L << 40})));
    assertThat(ids.ids()).containsExactly(4, 1L << 40);

    PendingChunk pending = (PendingChunk) read(bytes(new PendingChunk(1, TestRuns.chunk(5))));
    assertThat(pending.chunk().pixels()).isEqualTo(TestRuns.chunk(5).pixels());
  }

  @Test
  void pieceOfFullLengthComesBack() throws Exception {
    byte[] values = new byte[StateElement.PIECE_BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i * 31);
    }
    byte[] stored = bytes(new TensorPiece(1, "param/w", 0, values.length, new HeapBytes(values)));
    TensorPiece piece = (TensorPiece) read(stored);
    ByteBuffer back = ByteBuffer.allocate(values.length);
    piece.bytes().read(0, back);
    piece.bytes().free();
    assertThat(back.array()).isEqualTo(values);
  }

  @Test
  void namesFoundAndSupportedVersion() throws Exception {
    byte[] stored = bytes(HEADER);
    stored[0] = 7;

    assertThat(read(stored))
        .isEqualTo(new Damaged(0, "an element has format version 7; this build reads version 2"));
  }

  @Test
  void everyFlippedBitIsNoticed() throws Exception {
    for (StateElement element :
        List.of(
            HEADER,
            new RejectedIds(1, new long[] {4}),
            new TensorPiece(9, "param/w", 4, 3, new HeapBytes(new byte[] {7, 8, 9})))) {
      byte[] stored = bytes(element);
      for (int bit = 0; bit < stored.length * 8; bit++) {
        byte[] flipped = stored.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        assertThat(read(flipped)).as("bit %d of %s", bit, element).isInstanceOf(Damaged.class);
      }
    }
  }

  @Test
  void everyTruncationIsNoticed() throws Exception {
    byte[] stored = bytes(HEADER);
    for (int length = 0; length < stored.length; length++) {
      assertThat(read(Arrays.copyOf(stored, length)))
          .isEqualTo(new Damaged(0, "it ends in the middle of an element"));
    }
  }

  @Test
  void namesTheTensorThatLacksAPiece() {
    Header header = header(new TensorSpec("param/w", List.of(4L)));
    PieceBytes bytes = new HeapBytes(new byte[16]);

    assertDamaged(
        List.of(header, new TensorPiece(1, "param/w", 0, 8, bytes)),
        "param/w lacks the bytes from 8 to 16");
    assertDamaged(
        List.of(header, new TensorPiece(1, "param/w", 8, 8, bytes)),
        "param/w lacks the bytes from 0 to 8");
    assertDamaged(
        List.of(header, new TensorPiece(2, "param/w", 0, 16, bytes)),
        "a piece of param/w belongs to another checkpoint");
    assertDamaged(
        List.of(header, new TensorPiece(1, "param/v", 0, 16, bytes)),
        "its header does not name the tensor param/v");
    assertDamaged(
        List.of(
            header,
            new TensorPiece(1, "param/w", 0, 16, bytes),
            new RejectedIds(1, new long[] {1})),
        "it must have 0 rejected images: 1");
    assertDamaged(
        List.of(header, header, new TensorPiece(1, "param/w", 0, 16, bytes)),
        "it must have 1 header: 2");
    assertDamaged(List.of(), "it must have 1 header: 0");
  }

  @Test
  void readsAcrossPiecesInAnyOrder() throws Exception {
    Header header = header(new TensorSpec("param/w", List.of(2L)));
    try (RestoredState state =
        RestoredState.of(
            List.of(
                new TensorPiece(1, "param/w", 3, 5, new HeapBytes(new byte[] {3, 4, 5, 6, 7})),
                header,
                new TensorPiece(1, "param/w", 0, 3, new HeapBytes(new byte[] {0, 1, 2}))))) {
      ByteBuffer into = ByteBuffer.allocate(5);
      state.read(0, 2, into);
      assertThat(into.array()).containsExactly(2, 3, 4, 5, 6);
    }
  }

  private static Header header(TensorSpec tensor) {
    return new Header(
        1,
        TestRuns.IDENTITY,
        PLATFORM,
        TrainingProgress.START,
        0,
        0,
        0,
        0,
        List.of(),
        0,
        List.of(tensor));
  }

  private static void assertDamaged(List<StateElement> elements, String reason) {
    assertThatThrownBy(() -> RestoredState.of(elements))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the training state of the checkpoint is damaged: "
                + reason
                + "; choose another checkpoint with --resume PATH");
  }

  private static String hex(StateElement element) throws IOException {
    return HexFormat.of().formatHex(bytes(element));
  }

  private static byte[] bytes(StateElement element) throws IOException {
    DataOutputSerializer target = new DataOutputSerializer(64);
    StateElementSerializer.INSTANCE.serialize(element, target);
    return target.getCopyOfBuffer();
  }

  private static StateElement read(byte[] stored) throws IOException {
    return StateElementSerializer.INSTANCE.deserialize(new DataInputDeserializer(stored));
  }

  private record HeapBytes(byte[] values) implements PieceBytes {
    @Override
    public void read(int offset, ByteBuffer into) {
      into.put(values, offset, into.remaining());
    }

    @Override
    public void free() {}
  }
}
