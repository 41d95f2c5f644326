package io.simmim.trainer.operator;

import io.simmim.schemas.TensorChunkSerializer;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.operator.StateElement.Damaged;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.operator.StateElement.PendingChunk;
import io.simmim.trainer.operator.StateElement.PieceBytes;
import io.simmim.trainer.operator.StateElement.RejectedIds;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import java.io.EOFException;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Stored form of {@link StateElement}: version (1 byte), kind (1), snapshot number (8), length of
 * the body (4), body, CRC-32C of everything after the version (4); big-endian. A piece of a tensor
 * ends with its values; they are read from the snapshot only here, on the thread that writes the
 * checkpoint.
 *
 * <p>Flink reads managed state byte by byte, each with a call of the file system unless state is
 * compressed (measured: 23 s for 88 MB, 0.4 s with {@code execution.checkpointing.
 * snapshot-compression}); jobs must switch that on.
 *
 * <p>What cannot be read becomes a {@link Damaged} element instead of an exception, which Flink
 * would take for a reason to try again.
 */
final class StateElementSerializer extends TypeSerializerSingleton<StateElement> {
  static final StateElementSerializer INSTANCE = new StateElementSerializer();
  static final int VERSION_2 = 2;

  private static final int HEADER = 1;
  private static final int REJECTED_IDS = 2;
  private static final int TENSOR_PIECE = 3;
  private static final int PENDING_CHUNK = 4;

  /** Nothing of this state is that large; a damaged length must not make us allocate it. */
  private static final int MAX_BODY_BYTES = 1 << 29;

  private static final int READ_BYTES = 64 << 10;
  private static final int FRAME_BYTES = 1 + Long.BYTES + Integer.BYTES;

  private StateElementSerializer() {}

  @Override
  public void serialize(StateElement element, DataOutputView target) throws IOException {
    DataOutputSerializer body = new DataOutputSerializer(256);
    byte[] values = new byte[0];
    int kind;
    if (element instanceof TensorPiece piece) {
      kind = TENSOR_PIECE;
      body.writeUTF(piece.tensor());
      body.writeLong(piece.offset());
      body.writeInt(piece.length());
      values = new byte[piece.length()];
      piece.bytes().read(0, ByteBuffer.wrap(values));
    } else if (element instanceof Header header) {
      kind = HEADER;
      HeaderFormat.write(header, body);
    } else if (element instanceof RejectedIds rejected) {
      kind = REJECTED_IDS;
      body.writeInt(rejected.ids().length);
      for (long id : rejected.ids()) {
        body.writeLong(id);
      }
    } else if (element instanceof PendingChunk pending) {
      kind = PENDING_CHUNK;
      TensorChunkSerializer.INSTANCE.serialize(pending.chunk(), body);
    } else {
      throw new IllegalArgumentException("not to be written: " + element);
    }
    writeFrame(kind, element.snapshot(), body, values, target);
  }

  private static void writeFrame(
      int kind, long snapshot, DataOutputSerializer body, byte[] values, DataOutputView target)
      throws IOException {
    byte[] frame = frame(kind, snapshot, body.length() + values.length);
    CRC32C checksum = new CRC32C();
    checksum.update(frame);
    checksum.update(body.getSharedBuffer(), 0, body.length());
    checksum.update(values);
    target.writeByte(VERSION_2);
    target.write(frame);
    target.write(body.getSharedBuffer(), 0, body.length());
    target.write(values);
    target.writeInt((int) checksum.getValue());
  }

  private static byte[] frame(int kind, long snapshot, int length) {
    return ByteBuffer.allocate(FRAME_BYTES)
        .put((byte) kind)
        .putLong(snapshot)
        .putInt(length)
        .array();
  }

  @Override
  public StateElement deserialize(DataInputView source) throws IOException {
    try {
      byte version = source.readByte();
      if (version != VERSION_2) {
        return new Damaged(
            0,
            "an element has format version %d; this build reads version %d"
                .formatted(version, VERSION_2));
      }
      int kind = source.readByte();
      long snapshot = source.readLong();
      int length = source.readInt();
      if (length < 0 || length > MAX_BODY_BYTES) {
        return new Damaged(
            snapshot, "an element must have 0 to %d bytes: %d".formatted(MAX_BODY_BYTES, length));
      }
      CRC32C checksum = new CRC32C();
      checksum.update(frame(kind, snapshot, length));
      return kind == TENSOR_PIECE
          ? readPiece(snapshot, length, checksum, source)
          : readOther(kind, snapshot, length, checksum, source);
    } catch (EOFException e) {
      return new Damaged(0, "it ends in the middle of an element");
    } catch (IOException e) {
      if (isFromDecompression(e)) {
        return new Damaged(0, "an element cannot be decompressed: " + PrintableText.reason(e));
      }
      throw e; // of the storage: worth another try
    }
  }

  /** Snappy has no exception of its own for what it refuses. */
  private static boolean isFromDecompression(IOException e) {
    StackTraceElement[] trace = e.getStackTrace();
    return trace.length > 0 && trace[0].getClassName().startsWith("org.xerial.snappy.");
  }

  private static StateElement readPiece(
      long snapshot, int length, CRC32C checksum, DataInputView source) throws IOException {
    int nameLength = source.readUnsignedShort();
    int valueLength = length - Short.BYTES - nameLength - Long.BYTES - Integer.BYTES;
    if (valueLength < 1 || valueLength > StateElement.PIECE_BYTES) {
      return new Damaged(
          snapshot,
          "a piece of a tensor must have 1 to %d bytes: %d"
              .formatted(StateElement.PIECE_BYTES, valueLength));
    }
    byte[] prefix = new byte[length - valueLength];
    prefix[0] = (byte) (nameLength >>> 8);
    prefix[1] = (byte) nameLength;
    source.readFully(prefix, Short.BYTES, prefix.length - Short.BYTES);
    checksum.update(prefix);
    NativeBytes values = NativeBytes.read(source, valueLength, checksum);
    if (source.readInt() != (int) checksum.getValue()) {
      values.close();
      return new Damaged(snapshot, "the checksum of a piece of a tensor is wrong");
    }
    DataInputDeserializer fields = new DataInputDeserializer(prefix);
    try {
      String name = fields.readUTF();
      return new TensorPiece(
          snapshot, name, fields.readLong(), valueLength, new RestoredBytes(values));
    } catch (IOException | IllegalArgumentException e) {
      values.close();
      return unparsable(snapshot, e);
    }
  }

  private static StateElement readOther(
      int kind, long snapshot, int length, CRC32C checksum, DataInputView source)
      throws IOException {
    byte[] body = readBody(source, length);
    checksum.update(body);
    if (source.readInt() != (int) checksum.getValue()) {
      return new Damaged(snapshot, "the checksum of an element is wrong");
    }
    DataInputDeserializer fields = new DataInputDeserializer(body);
    try {
      return switch (kind) {
        case HEADER -> HeaderFormat.read(snapshot, fields);
        case REJECTED_IDS -> new RejectedIds(snapshot, readIds(fields));
        case PENDING_CHUNK ->
            new PendingChunk(snapshot, TensorChunkSerializer.INSTANCE.deserialize(fields));
        default -> new Damaged(snapshot, "an element has the unknown kind " + kind);
      };
    } catch (IOException | IllegalArgumentException e) {
      return unparsable(snapshot, e);
    }
  }

  private static long[] readIds(DataInputDeserializer fields) throws IOException {
    int count = fields.readInt();
    if (count < 0 || count > fields.available() / Long.BYTES) {
      throw new IOException(
          "%d ids in %d bytes of an element".formatted(count, fields.available()));
    }
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = fields.readLong();
    }
    return ids;
  }

  /** The bytes are those that were written, and make no sense: of another build, or forged. */
  private static Damaged unparsable(long snapshot, Exception cause) {
    return new Damaged(
        snapshot, "an element has fields that make no sense: " + PrintableText.reason(cause));
  }

  /** Allocates as the bytes come, so that a damaged length costs no more than the file has. */
  private static byte[] readBody(DataInputView source, int length) throws IOException {
    byte[] body = new byte[Math.min(length, READ_BYTES)];
    int read = 0;
    while (read < length) {
      if (read == body.length) {
        body = Arrays.copyOf(body, (int) Math.min(length, 2L * body.length));
      }
      source.readFully(body, read, body.length - read);
      read = body.length;
    }
    return body;
  }

  /** Values in native memory. */
  private record RestoredBytes(NativeBytes values) implements PieceBytes {
    @Override
    public void read(int offset, ByteBuffer into) {
      values.read(offset, into);
    }

    @Override
    public void free() {
      values.close();
    }
  }

  @Override
  public StateElement deserialize(StateElement reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  /** Never used for operator state; elements are not copied in stored form. */
  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    throw new InvalidObjectException("training state is not copied in its stored form");
  }

  @Override
  public StateElement copy(StateElement from) {
    return from;
  }

  @Override
  public StateElement copy(StateElement from, StateElement reuse) {
    return from;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public StateElement createInstance() {
    return null;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public TypeSerializerSnapshot<StateElement> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<StateElement> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
