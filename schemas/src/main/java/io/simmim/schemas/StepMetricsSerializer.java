package io.simmim.schemas;

import io.simmim.schemas.timing.DataWait;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Stored form of {@link StepMetrics}, on the wire. Version 1 did not tell what was waited for: its
 * share is taken for the rest, as that of images which nobody timed.
 */
public final class StepMetricsSerializer extends RecordSerializer<StepMetrics> {
  public static final StepMetricsSerializer INSTANCE = new StepMetricsSerializer();
  public static final RecordTypeInfo<StepMetrics> TYPE =
      new RecordTypeInfo<>(StepMetrics.class, INSTANCE);
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;

  private StepMetricsSerializer() {
    super("step metrics", VERSION_1, VERSION_2);
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
    target.writeDouble(metrics.dataWait().fetching());
    target.writeDouble(metrics.dataWait().decoding());
    target.writeDouble(metrics.dataWait().network());
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
        readWait(found, source),
        source.readLong(),
        source.readLong());
  }

  private static DataWait readWait(int found, DataInputView source) throws IOException {
    return found < VERSION_2
        ? new DataWait(0, 0, source.readDouble())
        : new DataWait(source.readDouble(), source.readDouble(), source.readDouble());
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
