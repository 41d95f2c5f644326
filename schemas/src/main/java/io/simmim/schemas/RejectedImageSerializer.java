package io.simmim.schemas;

import io.simmim.schemas.bytes.Strings;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Stored form of {@link RejectedImage}, on the wire and in checkpoints. Version 1 has neither
 * version nor time.
 */
public final class RejectedImageSerializer extends RecordSerializer<RejectedImage> {
  public static final RejectedImageSerializer INSTANCE = new RejectedImageSerializer();
  public static final RecordTypeInfo<RejectedImage> TYPE =
      new RecordTypeInfo<>(RejectedImage.class, INSTANCE);
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;

  private RejectedImageSerializer() {
    super("rejected image", VERSION_1, VERSION_2);
  }

  @Override
  protected void write(RejectedImage image, DataOutputView target) throws IOException {
    target.writeLong(image.sampleId());
    Strings.write(image.uri(), target);
    Strings.write(image.reason(), target);
    Strings.write(image.version(), target);
    target.writeLong(image.epochMillis());
  }

  @Override
  protected RejectedImage read(int found, DataInputView source) throws IOException {
    long sampleId = source.readLong();
    String uri = Strings.read(source);
    String reason = Strings.read(source);
    return found == VERSION_1
        ? new RejectedImage(sampleId, uri, reason)
        : new RejectedImage(sampleId, uri, reason, Strings.read(source), source.readLong());
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
