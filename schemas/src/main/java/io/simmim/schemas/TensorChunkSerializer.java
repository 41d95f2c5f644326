package io.simmim.schemas;

import io.simmim.schemas.bytes.Strings;
import io.simmim.schemas.timing.ChunkTimes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Stored form of {@link TensorChunk}, on the wire and in checkpoints. Versions 1 and 2 differ in
 * those of its rejected images; version 3 tells times.
 */
public final class TensorChunkSerializer extends RecordSerializer<TensorChunk> {
  public static final TensorChunkSerializer INSTANCE = new TensorChunkSerializer();
  public static final RecordTypeInfo<TensorChunk> TYPE =
      new RecordTypeInfo<>(TensorChunk.class, INSTANCE);
  static final int VERSION_1 = RejectedImageSerializer.VERSION_1;
  static final int VERSION_2 = RejectedImageSerializer.VERSION_2;
  static final int VERSION_3 = 3;

  private TensorChunkSerializer() {
    super("tensor chunk", VERSION_1, VERSION_3);
  }

  @Override
  protected void write(TensorChunk chunk, DataOutputView target) throws IOException {
    target.writeLong(chunk.index());
    target.writeInt(chunk.epoch());
    target.writeInt(chunk.imageSize());
    target.writeInt(chunk.maskSide());
    target.writeInt(chunk.size());
    for (long id : chunk.sampleIds()) {
      target.writeLong(id);
    }
    target.write(chunk.pixels());
    target.write(chunk.masks());
    target.writeInt(chunk.rejected().size());
    for (RejectedImage image : chunk.rejected()) {
      RejectedImageSerializer.INSTANCE.write(image, target);
    }
    target.writeLong(chunk.times().fetchedMicros());
    target.writeLong(chunk.times().decodedMicros());
  }

  @Override
  protected TensorChunk read(int found, DataInputView source) throws IOException {
    long index = source.readLong();
    int epoch = source.readInt();
    int imageSize = Strings.readCount(source);
    int maskSide = Strings.readCount(source);
    int images = Strings.readCount(source);
    byte[] ids = Strings.readBytes((long) Long.BYTES * images, source);
    long[] sampleIds = new long[images];
    ByteBuffer.wrap(ids).asLongBuffer().get(sampleIds);
    byte[] pixels = Strings.readBytes(squares(3L * images, imageSize), source);
    byte[] masks = Strings.readBytes(squares(images, maskSide), source);
    int rejections = Strings.readCount(source);
    List<RejectedImage> rejected = new ArrayList<>();
    for (int i = 0; i < rejections; i++) {
      rejected.add(RejectedImageSerializer.INSTANCE.read(Math.min(found, VERSION_2), source));
    }
    ChunkTimes times =
        found < VERSION_3
            ? ChunkTimes.UNKNOWN
            : new ChunkTimes(source.readLong(), source.readLong());
    return new TensorChunk(
        index, epoch, imageSize, maskSide, sampleIds, pixels, masks, rejected, times);
  }

  private static long squares(long count, int side) {
    return Math.multiplyExact(count, Math.multiplyExact((long) side, side));
  }

  @Override
  public TypeSerializerSnapshot<TensorChunk> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<TensorChunk> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
