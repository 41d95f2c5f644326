package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.TestArrivals;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArrivalLogDamageTest extends ArrivalLogCase {
  @Test
  void refusesWhatIsNoLog() {
    refuses("", "it has no header");
    refuses(GOLDEN + "05", "unknown kind of record: 5");
    refuses(GOLDEN + GOLDEN, "it must have one header, at its beginning");
    refuses("0100", "it must have one header, at its beginning");
    refuses(
        GOLDEN.replaceFirst("00000002", "00000001"),
        "format version 1; this build reads version 2");
    refuses(GOLDEN + "04020201", "image 2 is gone before it came");
    refuses(GOLDEN + "04020003", "image 2 is gone before it came");
    refuses(GOLDEN + "04020000", "a run of 0 images from 0");
    refuses(GOLDEN + "04010001", "a run of ");
    refuses(GOLDEN + "040b00" + "ffffffffffffffffff01", "a run of -1 images from 0");
    refuses(GOLDEN + "040b01" + "ffffffffffffffff7f00", "overflow");
    refuses(GOLDEN + "040300", "a text of 3 bytes");
    refuses(GOLDEN + "030101" + "030201", "it has chunks of images that did not arrive");
    refuses(GOLDEN + "030101" + "0306ff01", "a chunk must have 0 to 4 new images: 5");
    refuses(GOLDEN + "0301" + "ffffffffffffffff7f", "overflow");
    refuses(GOLDEN + "0301" + "ff".repeat(10), "a number of more than 64 bits");
    refuses(GOLDEN + "01ffffffff07" + "01ffffffff07", "a text of ");
    refuses(GOLDEN + "02" + "09" + "ffffffff07", "a text of ");
    refuses(GOLDEN + "02" + "0e" + "00", "a text that shares 14 bytes");
  }

  @Test
  void survivesTruncationAndDamage() {
    ArrivalLog log = ArrivalLog.begin(HEADER);
    Random random = new Random(1);
    for (int i = 0; i < 60; i++) {
      log.add(TestArrivals.image(i));
      if (i % 7 == 6) {
        log.decide(random.nextInt(5));
        log.delete(random.nextInt(i));
      }
    }
    byte[] bytes = bytes(log);
    for (int length = 0; length < bytes.length; length++) {
      useOrRefuse(Arrays.copyOf(bytes, length));
    }
    int refused = 0;
    for (int round = 0; round < 1000; round++) {
      byte[] damaged = bytes.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      refused += useOrRefuse(damaged) ? 0 : 1;
    }
    assertThat(refused).isBetween(200, 999);
  }
}
