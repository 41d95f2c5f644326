package io.simmim.schemas.histogram;

import io.simmim.schemas.RecordSerializer;
import io.simmim.schemas.RecordTypeInfo;
import io.simmim.schemas.bytes.Strings;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored form of {@link TensorHistogram}, on the wire. */
public final class TensorHistogramSerializer extends RecordSerializer<TensorHistogram> {
  public static final TensorHistogramSerializer INSTANCE = new TensorHistogramSerializer();
  public static final RecordTypeInfo<TensorHistogram> TYPE =
      new RecordTypeInfo<>(TensorHistogram.class, INSTANCE);
  static final int VERSION_1 = 1;

  private TensorHistogramSerializer() {
    super("histogram", VERSION_1);
  }

  @Override
  protected void write(TensorHistogram histogram, DataOutputView target) throws IOException {
    target.writeLong(histogram.step());
    target.writeLong(histogram.epochMillis());
    Strings.write(histogram.tensor(), target);
    ValueHistogram values = histogram.values();
    target.writeLong(values.notFinite());
    target.writeDouble(values.least());
    target.writeDouble(values.greatest());
    target.writeDouble(values.sum());
    target.writeDouble(values.sumOfSquares());
    target.writeInt(values.firstBucket());
    target.writeInt(values.counts().length);
    for (long count : values.counts()) {
      target.writeLong(count);
    }
  }

  @Override
  protected TensorHistogram read(int found, DataInputView source) throws IOException {
    return new TensorHistogram(
        source.readLong(), source.readLong(), Strings.read(source), readValues(source));
  }

  private static ValueHistogram readValues(DataInputView source) throws IOException {
    return new ValueHistogram(
        source.readLong(),
        source.readDouble(),
        source.readDouble(),
        source.readDouble(),
        source.readDouble(),
        source.readInt(),
        readCounts(source));
  }

  private static long[] readCounts(DataInputView source) throws IOException {
    int length = Strings.readCount(source);
    if (length > HistogramBuckets.count()) {
      throw new IllegalArgumentException(
          "there are %d buckets: %d".formatted(HistogramBuckets.count(), length));
    }
    long[] counts = new long[length];
    for (int i = 0; i < length; i++) {
      counts[i] = source.readLong();
    }
    return counts;
  }

  @Override
  public TypeSerializerSnapshot<TensorHistogram> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Finds the serializer again when state is restored. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<TensorHistogram> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
