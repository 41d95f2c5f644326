package io.simmim.schemas.histogram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class TensorHistogramSerializerTest {
  private static final String VALUES =
      "01"
          + "0000000000000005"
          + "0000000102030405"
          + "00000003772f62"
          + "0000000000000001"
          + "bff0000000000000"
          + "4000000000000000"
          + "3ff0000000000000"
          + "4014000000000000"
          + "00000010";

  @Test
  void refusesBucketsThatThereAreNot() {
    for (int first : new int[] {-1, HistogramBuckets.count(), Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> new ValueHistogram(0, 1, 1, 1, 1, first, new long[] {1}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there are %d buckets: 1 from %d", HistogramBuckets.count(), first);
    }
  }

  @Test
  void keepsItsFormat() throws IOException {
    String stored = VALUES + "00000002" + "0000000000000007" + "0000000000000009";
    TensorHistogram histogram =
        new TensorHistogram(
            5, 0x102030405L, "w/b", new ValueHistogram(1, -1, 2, 1, 5, 16, new long[] {7, 9}));
    DataOutputSerializer out = new DataOutputSerializer(64);

    TensorHistogramSerializer.INSTANCE.serialize(histogram, out);

    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(stored);
    assertThat(read(stored)).isEqualTo(histogram);
  }

  @Test
  void refusesMoreBucketsThanThereAre() {
    assertThatThrownBy(() -> read(VALUES + "7fffffff"))
        .isInstanceOf(IOException.class)
        .hasMessage("histogram is damaged: there are 1551 buckets: 2147483647");
  }

  private static TensorHistogram read(String stored) throws IOException {
    return TensorHistogramSerializer.INSTANCE.deserialize(
        new DataInputDeserializer(HexFormat.of().parseHex(stored)));
  }
}
