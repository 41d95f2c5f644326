package io.simmim.trainer.operator;

import java.io.DataInput;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;

/**
 * Bytes outside of the Java heap and outside of the limit for direct memory. A restored model is
 * held here, where a snapshot of it would be as well, until it is on the device; a task manager's
 * heap need not be sized for it.
 *
 * <p>Freed by {@link #close}, or when the object is unreachable because restoring failed elsewhere.
 * Closing must not race with reading.
 */
final class NativeBytes implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int COPY_BYTES = 1 << 16;

  private final MemorySegment memory;
  private final Cleaner.Cleanable cleanable;

  private NativeBytes(MemorySegment memory) {
    this.memory = memory;
    this.cleanable = CLEANER.register(this, memory::free);
  }

  /** Reads so many bytes and adds them to the checksum. */
  static NativeBytes read(DataInput source, int length, CRC32C checksum) throws IOException {
    NativeBytes bytes =
        new NativeBytes(MemorySegmentFactory.allocateOffHeapUnsafeMemory(length, null, () -> {}));
    try {
      byte[] buffer = new byte[Math.min(length, COPY_BYTES)];
      for (int at = 0; at < length; at += buffer.length) {
        int count = Math.min(buffer.length, length - at);
        source.readFully(buffer, 0, count);
        checksum.update(buffer, 0, count);
        bytes.memory.put(at, buffer, 0, count);
      }
      return bytes;
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  int length() {
    return memory.size();
  }

  /** Copies bytes from an offset on until the buffer is full. */
  void read(int offset, ByteBuffer into) {
    memory.get(offset, into, into.remaining());
  }

  @Override
  public void close() {
    cleanable.clean();
  }
}
