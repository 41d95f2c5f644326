package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.split.StateBytes;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Stored form of {@link ChunkEnumeratorState}. Version 2, big-endian: seed (long), catalog path and
 * digest (length as int, UTF-8), catalog size (long), images (long), epochs, micro-batch,
 * accumulation, chunk-images (ints), next chunk (long), number of returned chunks (int), each
 * (long), order (byte: 0 by sample, 1 by block). Version 1 has no order: it was by sample.
 *
 * <p>Version 3 is that of a continuous run: whether there is a log (byte), its folder, length
 * (long) and digest, seed (long), replay share (double), chunk-images (int), chunks per step
 * (long), micro-batch, accumulation (ints), next chunk, returned chunks as above, topic (text),
 * number of partitions (int), each with its offset (int, long). Flink stores one version for all
 * states of a source, so a finite run's state carries a leading 0 in it, and a continuous one's a 1
 * (byte).
 *
 * <p>Version 4 ends with the number of refused images (int), each with its sample id (long) and the
 * reason (text).
 */
public final class ChunkEnumeratorStateSerializer
    implements SimpleVersionedSerializer<ChunkEnumeratorState> {
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;
  static final int VERSION_3 = 3;
  static final int VERSION_4 = 4;
  private static final byte FINITE = 0;
  private static final byte CONTINUOUS = 1;
  private static final byte BY_SAMPLE = 0;
  private static final byte BY_BLOCK = 1;

  @Override
  public int getVersion() {
    return VERSION_4;
  }

  @Override
  public byte[] serialize(ChunkEnumeratorState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    if (state instanceof ChunkEnumeratorState.Progress progress) {
      out.writeByte(FINITE);
      write(progress, out);
    } else if (state instanceof ChunkEnumeratorState.Continuous continuous) {
      out.writeByte(CONTINUOUS);
      write(continuous, out);
    } else {
      throw new IOException("cannot store a state that could not be read: " + state);
    }
    writeRefused(state.refused(), out);
    return out.getCopyOfBuffer();
  }

  private static void write(ChunkEnumeratorState.Progress progress, DataOutputSerializer out)
      throws IOException {
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
    writeChunks(progress.returned(), out);
    out.writeByte(
        switch (progress.shuffle()) {
          case SAMPLE -> BY_SAMPLE;
          case BLOCK -> BY_BLOCK;
        });
  }

  private static void write(ChunkEnumeratorState.Continuous state, DataOutputSerializer out)
      throws IOException {
    out.writeBoolean(state.log().isPresent());
    if (state.log().isPresent()) {
      StateBytes.writeText(state.log().get().folder(), out);
      out.writeLong(state.log().get().length());
      StateBytes.writeText(state.log().get().digest(), out);
    }
    out.writeLong(state.header().seed());
    out.writeDouble(state.header().replayShare());
    out.writeInt(state.header().chunkImages());
    out.writeLong(state.header().chunksPerStep());
    out.writeInt(state.microBatch());
    out.writeInt(state.accumulation());
    out.writeLong(state.nextChunk());
    writeChunks(state.returned(), out);
    StateBytes.writeText(state.topic(), out);
    out.writeInt(state.offsets().size());
    for (Map.Entry<Integer, Long> offset : new TreeMap<>(state.offsets()).entrySet()) {
      out.writeInt(offset.getKey());
      out.writeLong(offset.getValue());
    }
  }

  private static void writeChunks(List<Long> chunks, DataOutputSerializer out) throws IOException {
    out.writeInt(chunks.size());
    for (long chunk : chunks) {
      out.writeLong(chunk);
    }
  }

  @Override
  public ChunkEnumeratorState deserialize(int version, byte[] serialized) {
    if (version < VERSION_1 || version > VERSION_4) {
      return new ChunkEnumeratorState.Unreadable(
          "format version %d; this build reads versions %d to %d"
              .formatted(version, VERSION_1, VERSION_4));
    }
    try {
      DataInputDeserializer in = new DataInputDeserializer(serialized);
      ChunkEnumeratorState state =
          version >= VERSION_3 && kind(in) == CONTINUOUS
              ? readContinuous(in)
              : readFinite(version, in);
      Map<Long, String> refused = version < VERSION_4 ? Map.of() : readRefused(in);
      StateBytes.requireEnd(in);
      return state.withRefused(refused);
    } catch (IOException | IllegalArgumentException e) {
      return new ChunkEnumeratorState.Unreadable(PrintableText.reason(e));
    }
  }

  private static byte kind(DataInputDeserializer in) throws IOException {
    byte kind = in.readByte();
    if (kind != FINITE && kind != CONTINUOUS) {
      throw new IllegalArgumentException("unknown kind of run " + kind);
    }
    return kind;
  }

  private static ChunkEnumeratorState.Continuous readContinuous(DataInputDeserializer in)
      throws IOException {
    Optional<ArrivalLogReference> log =
        in.readBoolean()
            ? Optional.of(
                new ArrivalLogReference(
                    StateBytes.readText(in), in.readLong(), StateBytes.readText(in)))
            : Optional.empty();
    ArrivalLogHeader header =
        new ArrivalLogHeader(in.readLong(), in.readDouble(), in.readInt(), in.readLong());
    int microBatch = in.readInt();
    int accumulation = in.readInt();
    long nextChunk = in.readLong();
    List<Long> returned = readChunks(in);
    String topic = StateBytes.readText(in);
    int partitions = StateBytes.readCount(in, Integer.BYTES + Long.BYTES);
    Map<Integer, Long> offsets = new TreeMap<>();
    for (int i = 0; i < partitions; i++) {
      offsets.put(in.readInt(), in.readLong());
    }
    return new ChunkEnumeratorState.Continuous(
        log, header, microBatch, accumulation, nextChunk, returned, topic, offsets);
  }

  private static void writeRefused(Map<Long, String> refused, DataOutputSerializer out)
      throws IOException {
    out.writeInt(refused.size());
    for (Map.Entry<Long, String> image : new TreeMap<>(refused).entrySet()) {
      out.writeLong(image.getKey());
      StateBytes.writeText(image.getValue(), out);
    }
  }

  private static Map<Long, String> readRefused(DataInputDeserializer in) throws IOException {
    int count = StateBytes.readCount(in, Long.BYTES + Integer.BYTES);
    Map<Long, String> refused = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      refused.put(in.readLong(), StateBytes.readText(in));
    }
    return refused;
  }

  private static List<Long> readChunks(DataInputDeserializer in) throws IOException {
    int count = StateBytes.readCount(in, Long.BYTES);
    List<Long> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chunks.add(in.readLong());
    }
    return chunks;
  }

  private static ChunkEnumeratorState.Progress readFinite(int version, DataInputDeserializer in)
      throws IOException {
    long seed = in.readLong();
    CatalogReference catalog =
        new CatalogReference(StateBytes.readText(in), StateBytes.readText(in), in.readLong());
    BatchPlan plan =
        new BatchPlan(in.readLong(), in.readInt(), in.readInt(), in.readInt(), in.readInt());
    long nextChunk = in.readLong();
    List<Long> returned = readChunks(in);
    Shuffle shuffle = version == VERSION_1 ? Shuffle.SAMPLE : shuffle(in.readByte());
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
