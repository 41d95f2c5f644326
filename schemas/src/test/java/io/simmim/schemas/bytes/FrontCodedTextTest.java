package io.simmim.schemas.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrontCodedTextTest {
  private final FrontCodedText text = new FrontCodedText();

  @Test
  void storesWhatDiffersByBytesAndNotByLetters() throws IOException {
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    byte[] before = {};
    // ä and ö share their first byte.
    for (byte[] next : List.of(utf8("ab"), utf8("abä"), utf8("abö"), utf8("abö"), utf8("x"))) {
      FrontCodedText.write(before, next, new DataOutputStream(stored));
      before = next;
    }

    assertThat(HexFormat.of().formatHex(stored.toByteArray()))
        .isEqualTo("00026162" + "0202c3a4" + "0301b6" + "0400" + "000178");
    Bytes bytes = new Bytes(stored.toByteArray());
    assertThat(text.next(bytes)).isFalse();
    assertThat(text.text()).isEqualTo("ab");
    assertThat(text.next(bytes)).isFalse();
    assertThat(text.text()).isEqualTo("abä");
    assertThat(text.next(bytes)).isFalse();
    assertThat(text.text()).isEqualTo("abö");
    assertThat(text.next(bytes)).isTrue();
    assertThat(text.text()).isEqualTo("abö");
    assertThat(text.next(bytes)).isFalse();
    assertThat(text.text()).isEqualTo("x");
  }

  @Test
  void aTextMayBeLong() throws IOException {
    String longText = "long/".repeat(1000);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    FrontCodedText.write(utf8(""), utf8(longText), new DataOutputStream(stored));

    text.next(new Bytes(stored.toByteArray()));

    assertThat(text.text()).isEqualTo(longText);
  }

  @Test
  void sharesNothingWithWhatWasBeforeItBeganAnew() {
    text.next(bytes("00026162"));
    text.restart();

    assertThatThrownBy(() -> text.next(bytes("010178")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a text that shares 1 bytes");
    text.restart();
    assertThat(text.next(bytes("0000"))).as("the one before it").isFalse();
  }

  @Test
  void refusesToShareMoreThanThereIs() {
    text.next(bytes("00026162"));

    for (String shared : List.of("03", "ffffffffffffffffff01")) {
      assertThatThrownBy(() -> text.next(bytes(shared + "00")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a text that shares ");
    }
  }

  @Test
  void asksWhetherSoManyBytesMayFollowBeforeItMakesRoom() {
    assertThatThrownBy(() -> text.next(bytes("00ffffffff07")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a text of 2147483647 bytes");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Bytes bytes(String hex) {
    return new Bytes(HexFormat.of().parseHex(hex));
  }

  private static final class Bytes implements FrontCodedText.Source {
    private final byte[] bytes;
    private int at;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public byte nextByte() {
      return bytes[at++];
    }

    @Override
    public int requireLength(long count) {
      if (count < 0 || count > bytes.length - at) {
        throw new IllegalArgumentException("a text of %d bytes".formatted(count));
      }
      return (int) count;
    }

    @Override
    public void read(byte[] into, int offset, int count) {
      System.arraycopy(bytes, at, into, offset, count);
      at += count;
    }
  }
}
