package io.simmim.schemas.evaluation;

import io.simmim.schemas.RecordSerializer;
import io.simmim.schemas.RecordTypeInfo;
import io.simmim.schemas.bytes.Strings;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Form of {@link EmbeddedImage} on the wire. */
public final class EmbeddedImageSerializer extends RecordSerializer<EmbeddedImage> {
  public static final EmbeddedImageSerializer INSTANCE = new EmbeddedImageSerializer();
  public static final RecordTypeInfo<EmbeddedImage> TYPE =
      new RecordTypeInfo<>(EmbeddedImage.class, INSTANCE);
  private static final int VERSION_1 = 1;

  private EmbeddedImageSerializer() {
    super("embedded image", VERSION_1);
  }

  @Override
  protected void write(EmbeddedImage image, DataOutputView target) throws IOException {
    Strings.write(image.uri(), target);
    Strings.write(image.member(), target);
    Strings.write(image.label(), target);
    target.writeInt(image.side());
    target.writeInt(image.features().length);
    ByteBuffer bytes = ByteBuffer.allocate(image.features().length * Float.BYTES);
    bytes.asFloatBuffer().put(image.features());
    target.write(bytes.array());
  }

  @Override
  protected EmbeddedImage read(int found, DataInputView source) throws IOException {
    String uri = Strings.read(source);
    String member = Strings.read(source);
    String label = Strings.read(source);
    int side = Strings.readCount(source);
    int values = Strings.readCount(source);
    byte[] bytes = Strings.readBytes((long) Float.BYTES * values, source);
    float[] features = new float[values];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(features);
    return new EmbeddedImage(uri, member, label, side, features);
  }

  @Override
  public TypeSerializerSnapshot<EmbeddedImage> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<EmbeddedImage> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
