package io.simmim.schemas.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.evaluation.FeatureQuality.Probe;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ModelFindingsSerializerTest {
  private static final String FINDINGS = "000000000000001e" + "00000002";
  private static final String QUALITY =
      "00"
          + "00000000"
          + "01"
          + "00000001"
          + "0000000a"
          + "0000000000000007"
          + "0000000000000009"
          + "000000000000000b"
          + "3ff8000000000000"
          + "000000c0"
          + "00000040";

  private static ModelFindings findings(Optional<Probe> probe) {
    FeatureQuality quality =
        new FeatureQuality(List.of(new Vote(10, 7, 9, 11)), 1.5, 192, 64, probe);
    return new ModelFindings(30, 2, false, Optional.of(quality), "");
  }

  @Test
  void keepsItsFormat() throws IOException {
    assertStored(
        new ModelFindings(30, 2, true, Optional.empty(), ""),
        "02" + FINDINGS + "01" + "00000000" + "00");
    assertStored(
        new ModelFindings(30, 2, false, Optional.empty(), "no"),
        "02" + FINDINGS + "00" + "000000026e6f" + "00");
    assertStored(findings(Optional.empty()), "02" + FINDINGS + QUALITY + "00");
    assertStored(
        findings(Optional.of(new Probe(3, true, 0.5, 5, 6, 7))),
        "02"
            + FINDINGS
            + QUALITY
            + "01"
            + "00000003"
            + "01"
            + "3fe0000000000000"
            + "0000000000000005"
            + "0000000000000006"
            + "0000000000000007");
  }

  @Test
  void readsWhatEarlierBuildsWrote() throws IOException {
    assertThat(read("01" + FINDINGS + "01" + "00000000" + "00"))
        .isEqualTo(new ModelFindings(30, 2, true, Optional.empty(), ""));
    assertThat(read("01" + FINDINGS + QUALITY)).isEqualTo(findings(Optional.empty()));
  }

  private static void assertStored(ModelFindings findings, String stored) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ModelFindingsSerializer.INSTANCE.serialize(findings, out);
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(stored);
    assertThat(read(stored)).isEqualTo(findings);
  }

  private static ModelFindings read(String stored) throws IOException {
    return ModelFindingsSerializer.INSTANCE.deserialize(
        new DataInputDeserializer(HexFormat.of().parseHex(stored)));
  }
}
