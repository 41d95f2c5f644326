package io.simmim.schemas;

import io.simmim.schemas.bytes.Strings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Form of {@link EncodedChunk} on the wire, where a reader is not chained to the image path.
 * Aligned checkpoints store none, so earlier versions need not be read.
 */
public final class EncodedChunkSerializer extends RecordSerializer<EncodedChunk> {
  public static final EncodedChunkSerializer INSTANCE = new EncodedChunkSerializer();
  public static final RecordTypeInfo<EncodedChunk> TYPE =
      new RecordTypeInfo<>(EncodedChunk.class, INSTANCE);
  static final int VERSION_4 = 4;

  private EncodedChunkSerializer() {
    super("encoded chunk", VERSION_4);
  }

  @Override
  protected void write(EncodedChunk chunk, DataOutputView target) throws IOException {
    target.writeLong(chunk.index());
    target.writeInt(chunk.epoch());
    target.writeLong(chunk.firstPosition());
    target.writeLong(chunk.fetchedMicros());
    target.writeInt(chunk.images().size());
    for (EncodedImage image : chunk.images()) {
      ImageRef ref = image.ref();
      target.writeLong(ref.sampleId());
      Strings.write(ref.uri(), target);
      target.writeLong(ref.offset());
      target.writeInt(ref.length());
      Strings.write(ref.member(), target);
      Strings.write(ref.problem(), target);
      Strings.write(ref.version(), target);
      target.writeBoolean(image.failure() != null);
      if (image.failure() != null) {
        Strings.write(image.failure(), target);
      } else {
        target.writeInt(image.bytes().length);
        target.write(image.bytes());
      }
    }
  }

  @Override
  protected EncodedChunk read(int found, DataInputView source) throws IOException {
    long index = source.readLong();
    int epoch = source.readInt();
    long firstPosition = source.readLong();
    long fetchedMicros = source.readLong();
    int size = Strings.readCount(source);
    List<EncodedImage> images = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      ImageRef ref =
          new ImageRef(
              source.readLong(),
              Strings.read(source),
              source.readLong(),
              source.readInt(),
              Strings.read(source),
              Strings.read(source),
              Strings.read(source));
      if (source.readBoolean()) {
        images.add(EncodedImage.failed(ref, Strings.read(source)));
      } else {
        images.add(EncodedImage.of(ref, Strings.readBytes(Strings.readCount(source), source)));
      }
    }
    return new EncodedChunk(index, epoch, firstPosition, images, fetchedMicros);
  }

  @Override
  public TypeSerializerSnapshot<EncodedChunk> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<EncodedChunk> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
