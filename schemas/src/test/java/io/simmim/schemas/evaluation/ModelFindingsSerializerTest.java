package io.simmim.schemas.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ModelFindingsSerializerTest {
  private static final String FINDINGS = "01" + "000000000000001e" + "00000002";

  @Test
  void keepsItsFormat() throws IOException {
    assertStored(
        new ModelFindings(30, 2, true, Optional.empty(), ""), FINDINGS + "01" + "00000000" + "00");
    assertStored(
        new ModelFindings(30, 2, false, Optional.empty(), "no"),
        FINDINGS + "00" + "000000026e6f" + "00");
    assertStored(
        new ModelFindings(
            30,
            2,
            false,
            Optional.of(new FeatureQuality(List.of(new Vote(10, 7, 9, 11)), 1.5, 192, 64)),
            ""),
        FINDINGS
            + "00"
            + "00000000"
            + "01"
            + "00000001"
            + "0000000a"
            + "0000000000000007"
            + "0000000000000009"
            + "000000000000000b"
            + "3ff8000000000000"
            + "000000c0"
            + "00000040");
  }

  private static void assertStored(ModelFindings findings, String stored) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ModelFindingsSerializer.INSTANCE.serialize(findings, out);
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(stored);
    assertThat(
            ModelFindingsSerializer.INSTANCE.deserialize(
                new DataInputDeserializer(HexFormat.of().parseHex(stored))))
        .isEqualTo(findings);
  }
}
