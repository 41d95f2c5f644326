package io.simmim.operators.image.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.schemas.HeapAllocation;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class ImageHeaderFuzzTest {
  /** An object or a message; never what the header claims. */
  private static final long ALLOWED_BYTES = 64 << 10;

  static Stream<byte[]> files() throws IOException {
    return Goldens.files();
  }

  @MethodSource("files")
  @FuzzTest
  void isReadOrRefusedInOneLineWithoutAllocatingWhatItClaims(byte[] file) throws Exception {
    HeapAllocation.requireAtMost(ALLOWED_BYTES, () -> parse(file));
  }

  private static void parse(byte[] file) {
    try {
      assertThat(ImageHeaders.parse(file).pixels()).isPositive();
    } catch (UnreadableImageException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }
}
