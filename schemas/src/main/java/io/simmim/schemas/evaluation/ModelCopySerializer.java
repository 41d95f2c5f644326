package io.simmim.schemas.evaluation;

import io.simmim.schemas.RecordSerializer;
import io.simmim.schemas.RecordTypeInfo;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored form of {@link ModelCopy}, on the wire and in checkpoints. */
public final class ModelCopySerializer extends RecordSerializer<ModelCopy> {
  public static final ModelCopySerializer INSTANCE = new ModelCopySerializer();
  public static final RecordTypeInfo<ModelCopy> TYPE =
      new RecordTypeInfo<>(ModelCopy.class, INSTANCE);
  static final int VERSION_1 = 1;

  private ModelCopySerializer() {
    super("copy of a model", VERSION_1);
  }

  @Override
  protected void write(ModelCopy copy, DataOutputView target) throws IOException {
    target.writeLong(copy.step());
    target.writeInt(copy.epoch());
    target.writeBoolean(copy.picture());
    target.writeBoolean(copy.evaluation());
    target.writeByte(number(copy.stage()));
  }

  @Override
  protected ModelCopy read(int found, DataInputView source) throws IOException {
    return new ModelCopy(
        source.readLong(),
        source.readInt(),
        source.readBoolean(),
        source.readBoolean(),
        stage(source.readByte()));
  }

  private static int number(Stage stage) {
    return switch (stage) {
      case DUE -> 0;
      case WRITTEN -> 1;
      case FAILED -> 2;
    };
  }

  private static Stage stage(int number) {
    return switch (number) {
      case 0 -> Stage.DUE;
      case 1 -> Stage.WRITTEN;
      case 2 -> Stage.FAILED;
      default -> throw new IllegalArgumentException("a stage must be from 0 to 2: " + number);
    };
  }

  @Override
  public TypeSerializerSnapshot<ModelCopy> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<ModelCopy> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
