package io.simmim.schemas.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ChecksummedTest {
  /** The check value of CRC-32C. */
  @Test
  void putsTheChecksumBehindTheBytes() throws IOException {
    byte[] stored = Checksummed.of("123456789".getBytes(StandardCharsets.US_ASCII));

    assertThat(HexFormat.of().formatHex(stored)).isEqualTo("313233343536373839" + "e3069283");
    assertThat(Checksummed.content(stored)).asString().isEqualTo("123456789");
    assertThat(Checksummed.content(Checksummed.of(new byte[0]))).isEmpty();
  }

  @Test
  void refusesWhatIsNotWhatWasStored() {
    byte[] stored = Checksummed.of(new byte[] {1, 2, 3});
    for (int length = 0; length < stored.length; length++) {
      byte[] cut = Arrays.copyOf(stored, length);
      assertThatThrownBy(() -> Checksummed.content(cut)).isInstanceOf(IOException.class);
    }
    stored[1] = 0;

    assertThatThrownBy(() -> Checksummed.content(stored))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("its checksum is [0-9a-f]{8} instead of [0-9a-f]{8}");
    assertThatThrownBy(() -> Checksummed.content(new byte[3]))
        .isInstanceOf(IOException.class)
        .hasMessage("3 bytes are too few for a checksum");
  }
}
