package io.simmim.schemas.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HexFormat;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class EpochAccuracySerializerTest {
  private static final String STORED =
      "01"
          + "00000002"
          + "000000000000001e"
          + "0000000000000007"
          + "0000000000000009"
          + "000000000000000a"
          + "3fe0000000000000"
          + "0000000000000011";

  @Test
  void keepsItsFormat() throws IOException {
    EpochAccuracy accuracy = new EpochAccuracy(2, 30, 7, 9, 10, 0.5, 17);
    DataOutputSerializer out = new DataOutputSerializer(64);

    EpochAccuracySerializer.INSTANCE.serialize(accuracy, out);

    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(STORED);
    assertThat(
            EpochAccuracySerializer.INSTANCE.deserialize(
                new DataInputDeserializer(HexFormat.of().parseHex(STORED))))
        .isEqualTo(accuracy);
  }
}
