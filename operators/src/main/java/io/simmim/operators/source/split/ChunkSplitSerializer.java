package io.simmim.operators.source.split;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Checksummed;
import io.simmim.schemas.checkpoint.DamagedCheckpoint;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Stored form of {@link ChunkSplit}. Version 5, big-endian: chunk (long), epoch (int), first
 * position (long), number of images (int), then for each sample id (long), URI (length as int,
 * UTF-8), offset (long), length (int), name in the shard, problem and version (as the URI), whether
 * it is a suspect (byte), and a checksum ({@link Checksummed}), which version 4 has not got.
 */
public final class ChunkSplitSerializer implements SimpleVersionedSerializer<ChunkSplit> {
  static final int VERSION_4 = 4;
  static final int VERSION_5 = 5;
  private static final int SMALLEST_IMAGE = 8 + 4 + 8 + 4 + 3 * 4;

  @Override
  public int getVersion() {
    return VERSION_5;
  }

  @Override
  public byte[] serialize(ChunkSplit split) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(128 * split.images().size() + 32);
    out.writeLong(split.chunk());
    out.writeInt(split.epoch());
    out.writeLong(split.firstPosition());
    out.writeInt(split.images().size());
    for (ImageRef image : split.images()) {
      out.writeLong(image.sampleId());
      StateBytes.writeText(image.uri(), out);
      out.writeLong(image.offset());
      out.writeInt(image.length());
      StateBytes.writeText(image.member(), out);
      StateBytes.writeText(image.problem(), out);
      StateBytes.writeText(image.version(), out);
    }
    out.writeBoolean(split.suspect());
    return Checksummed.of(out.getCopyOfBuffer());
  }

  @Override
  public ChunkSplit deserialize(int version, byte[] serialized) throws IOException {
    if (version != VERSION_4 && version != VERSION_5) {
      throw new IOException(
          "source split has format version %d; this build reads versions %d and %d"
              .formatted(version, VERSION_4, VERSION_5));
    }
    try {
      return read(version == VERSION_5 ? Checksummed.content(serialized) : serialized);
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(PrintableText.reason(e));
    }
  }

  /** Another start of the job would find the same. */
  private static IOException damaged(String reason) {
    UserError error =
        DamagedCheckpoint.error(
            "the checkpoint is damaged: a chunk that was being read: " + reason);
    return new IOException(error.getMessage(), new SuppressRestartsException(error));
  }

  private static ChunkSplit read(byte[] serialized) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(serialized);
    long chunk = in.readLong();
    int epoch = in.readInt();
    long firstPosition = in.readLong();
    int count = StateBytes.readCount(in, SMALLEST_IMAGE);
    List<ImageRef> images = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      images.add(
          new ImageRef(
              in.readLong(),
              StateBytes.readText(in),
              in.readLong(),
              in.readInt(),
              StateBytes.readText(in),
              StateBytes.readText(in),
              StateBytes.readText(in)));
    }
    boolean suspect = in.readBoolean();
    StateBytes.requireEnd(in);
    return new ChunkSplit(chunk, epoch, firstPosition, List.copyOf(images), suspect);
  }
}
