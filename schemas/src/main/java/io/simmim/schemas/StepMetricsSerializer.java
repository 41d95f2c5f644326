package io.simmim.schemas;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored form of {@link StepMetrics}, on the wire. */
public final class StepMetricsSerializer extends RecordSerializer<StepMetrics> {
  public static final StepMetricsSerializer INSTANCE = new StepMetricsSerializer();
  public static final RecordTypeInfo<StepMetrics> TYPE =
      new RecordTypeInfo<>(StepMetrics.class, INSTANCE);
  static final int VERSION_1 = 1;

  private StepMetricsSerializer() {
    super("step metrics", VERSION_1);
  }

  @Override
  protected void write(StepMetrics metrics, DataOutputView target) throws IOException {
    target.writeLong(metrics.step());
    target.writeInt(metrics.epoch());
    target.writeLong(metrics.imagesSeen());
    target.writeInt(metrics.images());
    target.writeDouble(metrics.loss());
    target.writeDouble(metrics.learningRate());
    target.writeDouble(metrics.gradientNorm());
    target.writeDouble(metrics.imagesPerSecond());
    target.writeDouble(metrics.dataWaitShare());
    target.writeLong(metrics.rejectedImages());
    target.writeLong(metrics.epochMillis());
  }

  @Override
  protected StepMetrics read(int found, DataInputView source) throws IOException {
    return new StepMetrics(
        source.readLong(),
        source.readInt(),
        source.readLong(),
        source.readInt(),
        source.readDouble(),
        source.readDouble(),
        source.readDouble(),
        source.readDouble(),
        source.readDouble(),
        source.readLong(),
        source.readLong());
  }

  @Override
  public TypeSerializerSnapshot<StepMetrics> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<StepMetrics> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
