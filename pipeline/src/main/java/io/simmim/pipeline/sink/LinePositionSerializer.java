package io.simmim.pipeline.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * State of a sink of lines. Version 2: number of records (8 bytes), number of the file (4), length
 * (8), checksum (4); big-endian. Version 1 had the number of records alone.
 */
final class LinePositionSerializer implements SimpleVersionedSerializer<LinePosition> {
  static final int VERSION_2 = 2;

  private static final int LENGTH = 2 * Long.BYTES + 2 * Integer.BYTES;

  @Override
  public int getVersion() {
    return VERSION_2;
  }

  @Override
  public byte[] serialize(LinePosition position) {
    return ByteBuffer.allocate(LENGTH)
        .putLong(position.records())
        .putInt(position.segment())
        .putLong(position.bytes())
        .putInt(position.tail())
        .array();
  }

  @Override
  public LinePosition deserialize(int version, byte[] bytes) throws IOException {
    if (version != VERSION_2 || bytes.length != LENGTH) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "sink state has format version %d and %d bytes; this build reads version %d with %d bytes",
              version,
              bytes.length,
              VERSION_2,
              LENGTH));
    }
    ByteBuffer fields = ByteBuffer.wrap(bytes);
    return new LinePosition(fields.getLong(), fields.getInt(), fields.getLong(), fields.getInt());
  }
}
