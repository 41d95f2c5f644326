package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.operator.StateElement.PendingChunk;
import io.simmim.trainer.operator.StateElement.PieceBytes;
import io.simmim.trainer.operator.StateElement.RejectedIds;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Elements of a checkpoint as a fuzzer changes them: kind, then body. Frame and checksum are put
 * around them here, since no fuzzer guesses a checksum, and whoever forges a checkpoint makes one.
 */
final class FuzzedElements {
  private static final int FRAME_BYTES = 1 + Long.BYTES + Integer.BYTES;
  private static final long SNAPSHOT = 7;

  private FuzzedElements() {}

  /** A small state of a model of one parameter. */
  static List<byte[]> seeds() {
    return List.of(
            new Header(
                SNAPSHOT,
                TestRuns.IDENTITY,
                new TrainingPlatform("2.7.1", "cpu", "AVX2", 4),
                new TrainingProgress(2, 8, 0, 0, 0),
                1,
                0,
                4,
                1,
                List.of(new RejectedImage(3, "file:/a.jpg", "not a JPEG", "v:1", 7)),
                1,
                List.of(
                    new TensorSpec("param/w", List.of(2L, 1L)),
                    new TensorSpec("optimizer/step", List.of()))),
            new RejectedIds(SNAPSHOT, new long[] {3}),
            new TensorPiece(SNAPSHOT, "param/w", 0, 8, new HeapBytes(new byte[8])),
            new TensorPiece(SNAPSHOT, "optimizer/step", 0, 4, new HeapBytes(new byte[4])),
            new PendingChunk(SNAPSHOT, TestRuns.emptyChunk(5, TestRuns.rejected(9))))
        .stream()
        .map(FuzzedElements::unframed)
        .toList();
  }

  private static byte[] unframed(StateElement element) {
    try {
      DataOutputSerializer target = new DataOutputSerializer(64);
      StateElementSerializer.INSTANCE.serialize(element, target);
      byte[] stored = target.getCopyOfBuffer();
      byte[] body = Arrays.copyOfRange(stored, FRAME_BYTES, stored.length - Integer.BYTES);
      body[0] = stored[1]; // the last byte of the length makes room for the kind
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The stored form of kind and body; of no bytes an element of no kind. */
  static byte[] framed(byte[] element) {
    byte kind = element.length == 0 ? 0 : element[0];
    byte[] body = Arrays.copyOfRange(element, Math.min(1, element.length), element.length);
    ByteBuffer stored = ByteBuffer.allocate(1 + FRAME_BYTES + body.length + Integer.BYTES);
    stored.put((byte) StateElementSerializer.VERSION_2);
    stored.put(kind).putLong(SNAPSHOT).putInt(body.length).put(body);
    CRC32C checksum = new CRC32C();
    checksum.update(stored.array(), 1, FRAME_BYTES + body.length);
    return stored.putInt((int) checksum.getValue()).array();
  }

  static StateElement read(byte[] stored) throws IOException {
    return StateElementSerializer.INSTANCE.deserialize(new DataInputDeserializer(stored));
  }

  /** Puts elements one after the other, each with its length before it. */
  static byte[] joined(List<byte[]> elements) {
    ByteBuffer all =
        ByteBuffer.allocate(elements.stream().mapToInt(e -> Short.BYTES + e.length).sum());
    elements.forEach(element -> all.putShort((short) element.length).put(element));
    return all.array();
  }

  /** Undoes {@link #joined}; what is too short for its length ends. */
  static List<byte[]> split(byte[] joined) {
    List<byte[]> elements = new ArrayList<>();
    ByteBuffer left = ByteBuffer.wrap(joined);
    while (left.remaining() >= Short.BYTES) {
      byte[] element = new byte[Math.min(left.getShort() & 0xffff, left.remaining())];
      left.get(element);
      elements.add(element);
    }
    return elements;
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
