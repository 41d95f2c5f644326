package io.simmim.operators.source;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.schemas.BatchPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Stored form of {@link ChunkEnumeratorState}. Version 2, big-endian: seed (long), catalog path and
 * digest (length as int, UTF-8), catalog size (long), images (long), epochs, micro-batch,
 * accumulation, chunk-images (ints), next chunk (long), number of returned chunks (int), each
 * (long), order (byte: 0 by sample, 1 by block). Version 1 has no order: it was by sample.
 */
final class ChunkEnumeratorStateSerializer
    implements SimpleVersionedSerializer<ChunkEnumeratorState> {
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;
  private static final byte BY_SAMPLE = 0;
  private static final byte BY_BLOCK = 1;

  @Override
  public int getVersion() {
    return VERSION_2;
  }

  @Override
  public byte[] serialize(ChunkEnumeratorState state) throws IOException {
    if (!(state instanceof ChunkEnumeratorState.Progress progress)) {
      throw new IOException("cannot store a state that could not be read: " + state);
    }
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeLong(progress.seed());
    StateBytes.writeText(progress.catalog().path(), out);
    StateBytes.writeText(progress.catalog().digest(), out);
    out.writeLong(progress.catalog().size());
    BatchPlan plan = progress.plan();
    out.writeLong(plan.images());
    out.writeInt(plan.epochs());
    out.writeInt(plan.microBatch());
    out.writeInt(plan.accumulation());
    out.writeInt(plan.chunkImages());
    out.writeLong(progress.nextChunk());
    out.writeInt(progress.returned().size());
    for (long chunk : progress.returned()) {
      out.writeLong(chunk);
    }
    out.writeByte(
        switch (progress.shuffle()) {
          case SAMPLE -> BY_SAMPLE;
          case BLOCK -> BY_BLOCK;
        });
    return out.getCopyOfBuffer();
  }

  @Override
  public ChunkEnumeratorState deserialize(int version, byte[] serialized) {
    if (version != VERSION_1 && version != VERSION_2) {
      return new ChunkEnumeratorState.Unreadable(
          "format version %d; this build reads versions %d and %d"
              .formatted(version, VERSION_1, VERSION_2));
    }
    try {
      return read(version, new DataInputDeserializer(serialized));
    } catch (IOException | IllegalArgumentException e) {
      return new ChunkEnumeratorState.Unreadable(
          e.getMessage() == null ? "it ends too early" : e.getMessage());
    }
  }

  private static ChunkEnumeratorState.Progress read(int version, DataInputDeserializer in)
      throws IOException {
    long seed = in.readLong();
    CatalogReference catalog =
        new CatalogReference(StateBytes.readText(in), StateBytes.readText(in), in.readLong());
    BatchPlan plan =
        new BatchPlan(in.readLong(), in.readInt(), in.readInt(), in.readInt(), in.readInt());
    long nextChunk = in.readLong();
    int count = StateBytes.readCount(in, Long.BYTES);
    List<Long> returned = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      returned.add(in.readLong());
    }
    Shuffle shuffle = version == VERSION_1 ? Shuffle.SAMPLE : shuffle(in.readByte());
    StateBytes.requireEnd(in);
    return new ChunkEnumeratorState.Progress(seed, shuffle, catalog, plan, nextChunk, returned);
  }

  private static Shuffle shuffle(byte stored) {
    return switch (stored) {
      case BY_SAMPLE -> Shuffle.SAMPLE;
      case BY_BLOCK -> Shuffle.BLOCK;
      default -> throw new IllegalArgumentException("unknown order " + stored);
    };
  }
}
