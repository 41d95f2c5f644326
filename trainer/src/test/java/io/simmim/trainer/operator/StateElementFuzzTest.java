package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import io.simmim.trainer.operator.StateElement.Damaged;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class StateElementFuzzTest {
  /** Buffers and a message. */
  private static final long ALLOWED_BYTES = 256 << 10;

  /** An empty pair of strings becomes an entry of a map. */
  private static final long ALLOWED_PER_BYTE = 100;

  static Stream<byte[]> elements() {
    return FuzzedElements.seeds().stream();
  }

  @MethodSource("elements")
  @FuzzTest
  void isReadOrDamagedInOneLineWithoutAllocatingWhatItClaims(byte[] element) throws Exception {
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + ALLOWED_PER_BYTE * element.length,
        () -> {
          read(element);
          read(FuzzedElements.framed(element));
        });
  }

  private static void read(byte[] stored) throws IOException {
    StateElement element = FuzzedElements.read(stored);
    if (element instanceof Damaged damaged) {
      assertThat(damaged.reason())
          .isNotBlank()
          .hasSizeLessThan(10_000)
          .matches(text -> text.codePoints().noneMatch(Character::isISOControl));
    } else if (element instanceof TensorPiece piece) {
      piece.bytes().free();
    }
  }
}
