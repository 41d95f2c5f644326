package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.EventSource;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.split.StateBytes;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.bytes.Checksummed;
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
 * Stored form of {@link ChunkEnumeratorState}. Version 7, big-endian; a text is its length (int)
 * and UTF-8: start number (long), next chunk (long), number of returned chunks (int), each (long),
 * number of refused images (int), each with its sample id (long) and the reason (text), kind of
 * images (byte). At the end is a checksum ({@link Checksummed}): without it a damaged position
 * would be believed, and the job wait for chunks that never come. Version 6 has no checksum,
 * version 5 no start number either.
 *
 * <p>Of listed images (kind 0) follow: seed (long), catalog path and digest (texts), catalog size
 * (long), images (long), epochs, micro-batch, accumulation, chunk-images (ints), order (byte: 0 by
 * sample, 1 by block).
 *
 * <p>Of arriving images (kind 1) follow: whether there is a log (byte), its folder (text), length
 * (long) and digest (text), seed (long), replay share (double), chunk-images (int), chunks per step
 * (long), micro-batch, accumulation (ints), topic (text, see {@link EventSource}), number of
 * partitions (int), each with its offset (int, long).
 */
public final class ChunkEnumeratorStateSerializer
    implements SimpleVersionedSerializer<ChunkEnumeratorState> {
  static final int VERSION_5 = 5;
  static final int VERSION_6 = 6;
  static final int VERSION_7 = 7;
  private static final byte LISTED = 0;
  private static final byte ARRIVING = 1;
  private static final byte BY_SAMPLE = 0;
  private static final byte BY_BLOCK = 1;

  @Override
  public int getVersion() {
    return VERSION_7;
  }

  @Override
  public byte[] serialize(ChunkEnumeratorState state) throws IOException {
    if (!(state instanceof ChunkEnumeratorState.Progress progress)) {
      throw new IOException("cannot store a state that could not be read: " + state);
    }
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeLong(progress.startNumber());
    out.writeLong(progress.nextChunk());
    writeChunks(progress.returned(), out);
    writeRefused(progress.refused(), out);
    if (progress.images() instanceof PlanState.Listed listed) {
      out.writeByte(LISTED);
      write(listed, out);
    } else if (progress.images() instanceof PlanState.Arriving arriving) {
      out.writeByte(ARRIVING);
      write(arriving, out);
    }
    return Checksummed.of(out.getCopyOfBuffer());
  }

  private static void writeChunks(List<Long> chunks, DataOutputSerializer out) throws IOException {
    out.writeInt(chunks.size());
    for (long chunk : chunks) {
      out.writeLong(chunk);
    }
  }

  private static void writeRefused(Map<Long, String> refused, DataOutputSerializer out)
      throws IOException {
    out.writeInt(refused.size());
    for (Map.Entry<Long, String> image : new TreeMap<>(refused).entrySet()) {
      out.writeLong(image.getKey());
      StateBytes.writeText(image.getValue(), out);
    }
  }

  private static void write(PlanState.Listed images, DataOutputSerializer out) throws IOException {
    out.writeLong(images.seed());
    StateBytes.writeText(images.catalog().path(), out);
    StateBytes.writeText(images.catalog().digest(), out);
    out.writeLong(images.catalog().size());
    BatchPlan plan = images.plan();
    out.writeLong(plan.images());
    out.writeInt(plan.epochs());
    out.writeInt(plan.microBatch());
    out.writeInt(plan.accumulation());
    out.writeInt(plan.chunkImages());
    out.writeByte(
        switch (images.shuffle()) {
          case SAMPLE -> BY_SAMPLE;
          case BLOCK -> BY_BLOCK;
        });
  }

  private static void write(PlanState.Arriving images, DataOutputSerializer out)
      throws IOException {
    out.writeBoolean(images.log().isPresent());
    if (images.log().isPresent()) {
      StateBytes.writeText(images.log().get().folder(), out);
      out.writeLong(images.log().get().length());
      StateBytes.writeText(images.log().get().digest(), out);
    }
    out.writeLong(images.header().seed());
    out.writeDouble(images.header().replayShare());
    out.writeInt(images.header().chunkImages());
    out.writeLong(images.header().chunksPerStep());
    out.writeInt(images.microBatch());
    out.writeInt(images.accumulation());
    StateBytes.writeText(images.topic(), out);
    out.writeInt(images.offsets().size());
    for (Map.Entry<Integer, Long> offset : new TreeMap<>(images.offsets()).entrySet()) {
      out.writeInt(offset.getKey());
      out.writeLong(offset.getValue());
    }
  }

  @Override
  public ChunkEnumeratorState deserialize(int version, byte[] serialized) {
    if (version < VERSION_5 || version > VERSION_7) {
      return new ChunkEnumeratorState.Unreadable(
          "format version %d; this build reads versions %d to %d"
              .formatted(version, VERSION_5, VERSION_7));
    }
    try {
      DataInputDeserializer in =
          new DataInputDeserializer(
              version == VERSION_7 ? Checksummed.content(serialized) : serialized);
      long startNumber = version == VERSION_5 ? 0 : in.readLong();
      long nextChunk = in.readLong();
      List<Long> returned = readChunks(in);
      Map<Long, String> refused = readRefused(in);
      PlanState images = readImages(in);
      StateBytes.requireEnd(in);
      return new ChunkEnumeratorState.Progress(images, nextChunk, returned, refused, startNumber);
    } catch (IOException | IllegalArgumentException e) {
      return new ChunkEnumeratorState.Unreadable(PrintableText.reason(e));
    }
  }

  private static List<Long> readChunks(DataInputDeserializer in) throws IOException {
    int count = StateBytes.readCount(in, Long.BYTES);
    List<Long> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chunks.add(in.readLong());
    }
    return chunks;
  }

  private static Map<Long, String> readRefused(DataInputDeserializer in) throws IOException {
    int count = StateBytes.readCount(in, Long.BYTES + Integer.BYTES);
    Map<Long, String> refused = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      refused.put(in.readLong(), StateBytes.readText(in));
    }
    return refused;
  }

  private static PlanState readImages(DataInputDeserializer in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case LISTED -> readListed(in);
      case ARRIVING -> readArriving(in);
      default -> throw new IllegalArgumentException("unknown kind of images " + kind);
    };
  }

  private static PlanState.Listed readListed(DataInputDeserializer in) throws IOException {
    long seed = in.readLong();
    CatalogReference catalog =
        new CatalogReference(StateBytes.readText(in), StateBytes.readText(in), in.readLong());
    BatchPlan plan =
        new BatchPlan(in.readLong(), in.readInt(), in.readInt(), in.readInt(), in.readInt());
    return new PlanState.Listed(seed, shuffle(in.readByte()), catalog, plan);
  }

  private static Shuffle shuffle(byte stored) {
    return switch (stored) {
      case BY_SAMPLE -> Shuffle.SAMPLE;
      case BY_BLOCK -> Shuffle.BLOCK;
      default -> throw new IllegalArgumentException("unknown order " + stored);
    };
  }

  private static PlanState.Arriving readArriving(DataInputDeserializer in) throws IOException {
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
    String topic = StateBytes.readText(in);
    int partitions = StateBytes.readCount(in, Integer.BYTES + Long.BYTES);
    Map<Integer, Long> offsets = new TreeMap<>();
    for (int i = 0; i < partitions; i++) {
      offsets.put(in.readInt(), in.readLong());
    }
    return new PlanState.Arriving(log, header, microBatch, accumulation, topic, offsets);
  }
}
