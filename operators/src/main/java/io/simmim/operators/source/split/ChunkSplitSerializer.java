package io.simmim.operators.source.split;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Stored form of {@link ChunkSplit}. Version 4, big-endian: chunk (long), epoch (int), first
 * position (long), number of images (int), then for each sample id (long), URI (length as int,
 * UTF-8), offset (long), length (int), name in the shard, problem and version (as the URI), and at
 * the end whether it is a suspect (byte). Version 3 has no such end, version 2 no versions, version
 * 1 neither names nor problems.
 */
public final class ChunkSplitSerializer implements SimpleVersionedSerializer<ChunkSplit> {
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;
  static final int VERSION_3 = 3;
  static final int VERSION_4 = 4;
  private static final int SMALLEST_IMAGE = 8 + 4 + 8 + 4;

  @Override
  public int getVersion() {
    return VERSION_4;
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
    return out.getCopyOfBuffer();
  }

  @Override
  public ChunkSplit deserialize(int version, byte[] serialized) throws IOException {
    if (version < VERSION_1 || version > VERSION_4) {
      throw new IOException(
          "source split has format version %d; this build reads versions %d to %d"
              .formatted(version, VERSION_1, VERSION_4));
    }
    try {
      return read(version, serialized);
    } catch (IllegalArgumentException e) {
      throw new IOException("source split is damaged: " + PrintableText.reason(e), e);
    }
  }

  private static ChunkSplit read(int version, byte[] serialized) throws IOException {
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
              version < VERSION_2 ? "" : StateBytes.readText(in),
              version < VERSION_2 ? "" : StateBytes.readText(in),
              version < VERSION_3 ? "" : StateBytes.readText(in)));
    }
    boolean suspect = version >= VERSION_4 && in.readBoolean();
    StateBytes.requireEnd(in);
    return new ChunkSplit(chunk, epoch, firstPosition, List.copyOf(images), suspect);
  }
}
