package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class TarHeaderFuzzTest {
  /** A name, a message, a stack trace. */
  private static final long ALLOWED_BYTES = 32 << 10;

  static Stream<byte[]> headers() {
    byte[] star = TestShard.rawHeader("1.jpg", "00000000123\0", '0');
    star[508] = 't';
    star[509] = 'a';
    star[510] = 'r';
    byte[] old = TestShard.rawHeader("old/", "        12 \0", '\0');
    Arrays.fill(old, 257, 265, (byte) 0);
    return Stream.of(
        TestShard.rawHeader("0.jpg", "00000000123\0", '0'),
        TestShard.rawHeader("2.jpg", TestShard.base256(1L << 40), 'L'),
        TestShard.rawHeader("3.jpg", "\u00FF".repeat(12), 'S'),
        star,
        old);
  }

  @MethodSource("headers")
  @FuzzTest
  void isReadOrRefusedInOneLine(byte[] bytes) throws Exception {
    byte[] block = Arrays.copyOf(bytes, TarHeader.BLOCK);
    HeapAllocation.requireAtMost(ALLOWED_BYTES, () -> parse(block));
    TestShard.seal(block);
    HeapAllocation.requireAtMost(ALLOWED_BYTES, () -> parse(block));
  }

  private static void parse(byte[] block) {
    try {
      TarHeader header = TarHeader.parse(block);
      assertThat(header.size()).isNotNegative();
      assertThat(header.contentBytes()).isBetween(0L, header.size());
      assertThat(header.name()).hasSizeLessThanOrEqualTo(256);
      assertThat(header.typeName().lines()).hasSize(1);
    } catch (DamagedShardException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }
}
