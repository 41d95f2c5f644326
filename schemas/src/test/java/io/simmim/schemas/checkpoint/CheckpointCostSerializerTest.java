package io.simmim.schemas.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.checkpoint.CheckpointCost.Written;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class CheckpointCostSerializerTest {
  private static final CheckpointCost BEGUN =
      new CheckpointCost(3, true, 40, 0x102030405L, Duration.ofNanos(0x11), Optional.empty());
  private static final String BEGUN_HEX =
      "01"
          + "0000000000000003"
          + "01"
          + "0000000000000028"
          + "0000000102030405"
          + "0000000000000011";

  @Test
  void keepsFormatVersion1() throws IOException {
    requireStored(BEGUN, BEGUN_HEX + "00");
    requireStored(
        BEGUN.with(new Written(0x1000, Duration.ofNanos(0x12), Duration.ofNanos(0x13))),
        BEGUN_HEX + "01" + "0000000000001000" + "0000000000000012" + "0000000000000013");
  }

  private static void requireStored(CheckpointCost cost, String stored) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    CheckpointCostSerializer.INSTANCE.serialize(cost, out);
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(stored);
    byte[] bytes = HexFormat.of().parseHex(stored);
    assertThat(CheckpointCostSerializer.INSTANCE.deserialize(new DataInputDeserializer(bytes)))
        .isEqualTo(cost);
  }
}
