package io.simmim.schemas;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored form of {@link RejectedImage}, on the wire. */
public final class RejectedImageSerializer extends RecordSerializer<RejectedImage> {
  public static final RejectedImageSerializer INSTANCE = new RejectedImageSerializer();
  public static final RecordTypeInfo<RejectedImage> TYPE =
      new RecordTypeInfo<>(RejectedImage.class, INSTANCE);
  static final int VERSION_1 = 1;

  private RejectedImageSerializer() {
    super("rejected image", VERSION_1);
  }

  @Override
  protected void write(RejectedImage image, DataOutputView target) throws IOException {
    target.writeLong(image.sampleId());
    Strings.write(image.uri(), target);
    Strings.write(image.reason(), target);
  }

  @Override
  protected RejectedImage read(DataInputView source) throws IOException {
    return new RejectedImage(source.readLong(), Strings.read(source), Strings.read(source));
  }

  @Override
  public TypeSerializerSnapshot<RejectedImage> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<RejectedImage> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
