package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteLogTest {
  @Test
  void keepsBytesAcrossBlocks() {
    byte[] all = new byte[300_000];
    Random random = new Random(1);
    random.nextBytes(all);
    ByteLog log = new ByteLog();
    for (int at = 0; at < all.length; ) {
      int count = Math.min(random.nextInt(100_000), all.length - at);
      log.append(all, at, count);
      at += count;
    }

    assertThat(log.length()).isEqualTo(all.length);
    byte[] copy = new byte[all.length + 1];
    log.copy(0, copy, 1, all.length);
    assertThat(copy).endsWith(all);
    for (int i = 0; i < 1000; i++) {
      int at = random.nextInt(all.length);
      assertThat(log.at(at)).isEqualTo(all[at]);
    }
    log.copy(65_535, copy, 0, 2);
    assertThat(copy[0]).isEqualTo(all[65_535]);
    assertThat(copy[1]).isEqualTo(all[65_536]);
  }

  @Test
  void refusesBytesBehindTheEnd() {
    ByteLog log = new ByteLog();
    log.append(new byte[10], 0, 10);

    assertThatThrownBy(() -> log.at(10))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("byte 10 of a log of 10");
    assertThatThrownBy(() -> log.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> log.copy(5, new byte[6], 0, 6))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("bytes 5 to 11 of a log of 10");
    assertThatThrownBy(() -> log.copy(Long.MAX_VALUE, new byte[1], 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
