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
      new CheckpointCost(
          3, true, 40, 0x102030405L, Duration.ofNanos(0x11), Optional.empty(), Optional.empty());
  private static final CheckpointCost WHOLE =
      BEGUN.with(new Written(0x1000, Duration.ofNanos(0x12), Duration.ofNanos(0x13)));
  private static final String BEGUN_HEX =
      "0000000000000003" + "01" + "0000000000000028" + "0000000102030405" + "0000000000000011";

  private static final String WRITTEN_HEX =
      "01" + "0000000000001000" + "0000000000000012" + "0000000000000013";

  @Test
  void readsFormatVersion1() throws IOException {
    assertThat(read("01" + BEGUN_HEX + "00")).isEqualTo(BEGUN);
    assertThat(read("01" + BEGUN_HEX + WRITTEN_HEX)).isEqualTo(WHOLE);
  }

  @Test
  void keepsFormatVersion2() throws IOException {
    requireStored(BEGUN, "02" + BEGUN_HEX + "00" + "00");
    requireStored(
        WHOLE.after(Optional.of(new Reached(0x33, 0x44))),
        "02" + BEGUN_HEX + WRITTEN_HEX + "01" + "0000000000000033" + "0000000000000044");
  }

  private static void requireStored(CheckpointCost cost, String stored) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    CheckpointCostSerializer.INSTANCE.serialize(cost, out);
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(stored);
    assertThat(read(stored)).isEqualTo(cost);
  }

  private static CheckpointCost read(String stored) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(stored);
    return CheckpointCostSerializer.INSTANCE.deserialize(new DataInputDeserializer(bytes));
  }
}
