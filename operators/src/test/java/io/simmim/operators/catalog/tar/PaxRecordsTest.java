package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PaxRecordsTest {
  @Test
  void theLastOfSeveralNamesHolds() throws DamagedShardException {
    assertThat(records(PaxRecords.NONE, "10 path=a\n10 path=b\n").name().shown()).isEqualTo("b");
  }

  @Test
  void anEmptyNameTakesAnEarlierOneBack() throws DamagedShardException {
    PaxRecords named = records(PaxRecords.NONE, "10 path=a\n");

    assertThat(records(named, "8 path=\n").name()).isNull();
    assertThat(records(named, "10 path=b\n8 path=\n").name()).isNull();
  }

  @Test
  void whatAHeaderDoesNotSayStays() throws DamagedShardException {
    PaxRecords before = records(PaxRecords.NONE, "10 path=a\n22 GNU.sparse.major=1\n");

    PaxRecords after = records(before, "10 size=3\n");

    assertThat(after.name().shown()).isEqualTo("a");
    assertThat(after.size()).isEqualTo(3);
    assertThat(after.sparse()).isTrue();
  }

  private static PaxRecords records(PaxRecords before, String content)
      throws DamagedShardException {
    return before.with(content.getBytes(StandardCharsets.UTF_8));
  }
}
