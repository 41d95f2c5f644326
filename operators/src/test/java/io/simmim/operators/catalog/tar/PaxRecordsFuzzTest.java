package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class PaxRecordsFuzzTest {
  /** A message and its stack trace, and what each byte of records may become. */
  private static final long ALLOWED_BYTES = 128 << 10;

  private static final int ALLOWED_PER_BYTE = 128;

  static Stream<byte[]> records() {
    return Stream.of(
            "10 size=3\n",
            "14 path=x.jpg\n30 mtime=1350244992.023960108\n",
            "22 GNU.sparse.major=1\n27 GNU.sparse.name=a/b.jpg\n",
            "7 size=\n7 path=\n",
            "29 size=9223372036854775807\n\0\0\0",
            "11 path=ü\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("records")
  @FuzzTest
  void areReadOrRefusedInOneLine(byte[] content) throws Exception {
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * content.length, () -> parse(content));
  }

  private static void parse(byte[] content) {
    try {
      PaxRecords records = PaxRecords.NONE.with(content);
      assertThat(records.size()).isGreaterThanOrEqualTo(-1);
      if (records.name() != null) {
        assertThat(records.name().shown().codePoints().count()).isLessThanOrEqualTo(401);
      }
    } catch (DamagedShardException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }
}
