package io.simmim.schemas.evaluation;

import io.simmim.schemas.RecordSerializer;
import io.simmim.schemas.RecordTypeInfo;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored form of {@link EpochAccuracy}, on the wire. */
public final class EpochAccuracySerializer extends RecordSerializer<EpochAccuracy> {
  public static final EpochAccuracySerializer INSTANCE = new EpochAccuracySerializer();
  public static final RecordTypeInfo<EpochAccuracy> TYPE =
      new RecordTypeInfo<>(EpochAccuracy.class, INSTANCE);
  static final int VERSION_1 = 1;

  private EpochAccuracySerializer() {
    super("epoch accuracy", VERSION_1);
  }

  @Override
  protected void write(EpochAccuracy accuracy, DataOutputView target) throws IOException {
    target.writeInt(accuracy.epoch());
    target.writeLong(accuracy.step());
    target.writeLong(accuracy.top1());
    target.writeLong(accuracy.top5());
    target.writeLong(accuracy.images());
    target.writeDouble(accuracy.loss());
    target.writeLong(accuracy.epochMillis());
  }

  @Override
  protected EpochAccuracy read(int found, DataInputView source) throws IOException {
    return new EpochAccuracy(
        source.readInt(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readLong(),
        source.readDouble(),
        source.readLong());
  }

  @Override
  public TypeSerializerSnapshot<EpochAccuracy> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<EpochAccuracy> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
