package io.simmim.pipeline.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** State of a sink: one number. */
final class PositionSerializer implements SimpleVersionedSerializer<Long> {
  static final int VERSION_1 = 1;

  @Override
  public int getVersion() {
    return VERSION_1;
  }

  @Override
  public byte[] serialize(Long position) {
    return ByteBuffer.allocate(Long.BYTES).putLong(position).array();
  }

  @Override
  public Long deserialize(int version, byte[] bytes) throws IOException {
    if (version != VERSION_1 || bytes.length != Long.BYTES) {
      throw new IOException(
          "sink state has format version %d and %d bytes; this build reads version %d with %d bytes"
              .formatted(version, bytes.length, VERSION_1, Long.BYTES));
    }
    return ByteBuffer.wrap(bytes).getLong();
  }
}
