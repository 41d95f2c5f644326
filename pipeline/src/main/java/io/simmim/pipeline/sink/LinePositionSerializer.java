package io.simmim.pipeline.sink;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Checksummed;
import io.simmim.schemas.checkpoint.DamagedCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * State of a sink of lines. Version 3: number of records (8 bytes), number of the file (4), length
 * (8), checksum of the lines (4), that of all this ({@link Checksummed}); big-endian. Version 2 has
 * not got the last, version 1 had the number of records alone.
 */
final class LinePositionSerializer implements SimpleVersionedSerializer<LinePosition> {
  static final int VERSION_2 = 2;
  static final int VERSION_3 = 3;

  private static final int LENGTH = 2 * Long.BYTES + 2 * Integer.BYTES;

  @Override
  public int getVersion() {
    return VERSION_3;
  }

  @Override
  public byte[] serialize(LinePosition position) {
    return Checksummed.of(
        ByteBuffer.allocate(LENGTH)
            .putLong(position.records())
            .putInt(position.segment())
            .putLong(position.bytes())
            .putInt(position.tail())
            .array());
  }

  @Override
  public LinePosition deserialize(int version, byte[] bytes) throws IOException {
    if (version != VERSION_2 && version != VERSION_3) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "sink state has format version %d; this build reads versions %d and %d",
              version,
              VERSION_2,
              VERSION_3));
    }
    byte[] content = version == VERSION_3 ? content(bytes) : bytes;
    if (content.length != LENGTH) {
      throw damaged(content.length + " bytes instead of " + LENGTH);
    }
    ByteBuffer fields = ByteBuffer.wrap(content);
    return new LinePosition(fields.getLong(), fields.getInt(), fields.getLong(), fields.getInt());
  }

  private static byte[] content(byte[] stored) throws IOException {
    try {
      return Checksummed.content(stored);
    } catch (IOException e) {
      throw damaged(e.getMessage());
    }
  }

  /** Another start of the job would find the same. */
  private static IOException damaged(String reason) {
    UserError error =
        DamagedCheckpoint.error("the checkpoint is damaged: the place in written lines: " + reason);
    return new IOException(error.getMessage(), new SuppressRestartsException(error));
  }
}
