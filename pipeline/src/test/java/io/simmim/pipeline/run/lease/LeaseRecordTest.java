package io.simmim.pipeline.run.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseRecordTest {
  private static final LeaseRecord RECORD =
      new LeaseRecord(
          "run",
          "holder",
          7,
          "gpu-3",
          Optional.of(new ProcessMark("boot pid:[1] 0", 4711, 99)),
          true,
          false,
          Instant.parse("2026-01-02T03:04:05Z"),
          false);

  @Test
  void hasItsGoldenText() {
    String text =
        ("{'format-version':1,'owner':'run','holder':'holder','renewals':7,'host':'gpu-3',"
                + "'process':{'place':'boot pid:[1] 0','pid':4711,'started':99},'runs-there':true,"
                + "'locked':false,'since':'2026-01-02T03:04:05Z','free':false}\n")
            .replace('\'', '"');

    assertThat(RECORD.text()).isEqualTo(text);
    assertThat(LeaseRecord.parse(text)).isEqualTo(RECORD);
    assertThat(LeaseRecord.parse(RECORD.given().text())).isEqualTo(RECORD.given());
    assertThat(RECORD.given().free()).isTrue();
  }

  @Test
  void saysWho() {
    assertThat(RECORD.who())
        .isEqualTo("process 4711 on gpu-3, which has used it since 2026-01-02T03:04:05Z");
  }

  /** Whoever writes to an output writes the file, too. */
  @Test
  void saysWhoOnOneLine() {
    LeaseRecord other = LeaseRecord.parse(RECORD.text().replace("gpu-3", "\\u001b[2J\\nhost"));

    assertThat(other.who())
        .isEqualTo(
            "process 4711 on \\u{1b}[2J\\u{a}host, which has used it since 2026-01-02T03:04:05Z");
  }

  /** A part of a file that is being written, or one of a later build. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{\"format-version\":1}", "{\"format-version\":2,\"owner\":\"x\"}"})
  void whatCannotBeUnderstoodIsSomebodyUnknown(String text) {
    assertThat(LeaseRecord.parse(text).isUnknown()).isTrue();
    assertThat(LeaseRecord.parse(text)).isNotEqualTo(LeaseRecord.parse(text + " "));
  }
}
