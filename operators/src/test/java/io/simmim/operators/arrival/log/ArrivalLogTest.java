package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.TestArrivals;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivalLogTest {
  private static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 4, 2);

  private static final String GOLDEN =
      "00" // header
          + "00000002" // version
          + "0000000000000007" // seed
          + "3fe0000000000000" // replay share
          + "04" // chunk images
          + "02" // chunks per step
          + "01" // roots
          + "01"
          + "07"
          + "66696c653a2f64" // file:/d
          + "02" // image
          + "00"
          + "0d"
          + "66696c653a2f642f612e6a7067" // file:/d/a.jpg
          + "00" // offset
          + "e807" // length
          + "00"
          + "00" // no name in a shard
          + "00" // no problem
          + "06"
          + "6c3a31303030" // version l:1000
          + "00"
          + "07"
          + "6c697374696e67" // listing
          + "0a" // 5 ms since 1970
          + "02" // image
          + "08"
          + "05"
          + "622e746172" // file:/d/ and b.tar
          + "8004" // offset
          + "03" // length
          + "00"
          + "01"
          + "78" // x
          + "03"
          + "626164" // bad
          + "03"
          + "763a31" // v:1
          + "00"
          + "05"
          + "742f304031" // t/0@1
          + "05" // 3 ms before
          + "03" // chunks
          + "02" // with one new image
          + "02" // two of them
          + "04" // deleted
          + "02" // bytes
          + "00" // from the first
          + "02" // two images
          + "03" // chunks
          + "01" // without new images
          + "01"; // one of them

  private static ArrivalLog golden() {
    ArrivalLog log = ArrivalLog.begin(HEADER);
    log.noteRoots(List.of("file:/d"));
    log.noteRoots(List.of("file:/d"));
    log.add(new ArrivedImage("file:/d/a.jpg", 0, 1000, "", "", "l:1000", "listing", 5));
    log.add(new ArrivedImage("file:/d/b.tar", 512, 3, "x", "bad", "v:1", "t/0@1", 2));
    log.decide(1);
    log.decide(1);
    log.delete(1);
    log.delete(0);
    log.delete(1);
    log.decide(0);
    log.complete();
    return log;
  }

  private static byte[] bytes(ArrivalLog log) {
    byte[] bytes = new byte[Math.toIntExact(log.complete())];
    log.bytes().copy(0, bytes, 0, bytes.length);
    return bytes;
  }

  private static ArrivalLog parse(byte[] bytes) throws IOException {
    ByteLog stored = new ByteLog();
    stored.append(bytes, 0, bytes.length);
    return ArrivalLog.parse(stored);
  }

  private static List<ArrivedImage> images(ArrivalLog log) {
    List<ArrivedImage> images = new ArrayList<>();
    log.forEachImage((id, image) -> images.add(image));
    return images;
  }

  @Test
  void keepsVersionTwo() throws IOException {
    assertThat(HexFormat.of().formatHex(bytes(golden()))).isEqualTo(GOLDEN);

    ArrivalLog read = parse(HexFormat.of().parseHex(GOLDEN));
    assertThat(read.header()).isEqualTo(HEADER);
    assertThat(read.roots()).containsExactly("file:/d");
    assertThat(images(read)).isEqualTo(images(golden()));
    assertThat(read.chunks()).isEqualTo(3);
    assertThat(read.used()).isEqualTo(2);
    assertThat(read.deleted()).isEqualTo(2);
  }

  @Test
  void keepsEveryField() throws IOException {
    List<ArrivedImage> images = new ArrayList<>();
    String longText = "ä€😀".repeat(30_000);
    for (int i = 0; i < 3; i++) {
      images.add(new ArrivedImage("s3://b/é/\uD83D\uDE00.jpg", 0, 0, "", "", "", "", 0));
      images.add(
          new ArrivedImage(
              "s3://b/è/" + longText,
              Long.MAX_VALUE,
              Long.MAX_VALUE,
              longText + i,
              longText,
              "v:" + longText,
              longText,
              Long.MIN_VALUE));
      images.add(new ArrivedImage("", 1, 127, "m", "p", "v", "o", Long.MAX_VALUE));
      images.add(new ArrivedImage("s3://b/é/\uD83D\uDE01", 128, 16_384, "n", "", "", "", -1));
      images.add(new ArrivedImage("s3://b/é/\uD83D\uDE01", 128, 16_384, "n", "", "", "", -1));
    }
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(-1, 0, 1, Long.MAX_VALUE));
    images.forEach(log::add);
    log.noteRoots(List.of("s3://b/é/", "", longText));
    ArrivalLog read = parse(bytes(log));

    assertThat(images(log)).isEqualTo(images);
    assertThat(images(read)).isEqualTo(images);
    assertThat(read.roots()).isEqualTo(log.roots()).hasSize(3);
    assertThat(read.header()).isEqualTo(log.header());
  }

  @Test
  void findsAnyImageWhateverIsBetweenThem() throws IOException {
    ArrivalLog log = ArrivalLog.begin(HEADER);
    for (long i = 0; i < 10 * ArrivalLog.BLOCK + 3; i++) {
      assertThat(log.add(TestArrivals.image(i))).isEqualTo(i);
      if (i % 5 == 4) {
        log.decide(i % 10 == 4 ? 4 : ChunkDecisions.PATTERN);
        log.delete(i - 2);
      }
    }
    ArrivalLog read = parse(bytes(log));
    long next = log.size();
    assertThat(read.add(TestArrivals.image(next))).isEqualTo(next);
    log.add(TestArrivals.image(next));

    assertThat(bytes(read)).isEqualTo(bytes(log));
    for (ArrivalLog each : List.of(log, read, parse(bytes(read)))) {
      assertThat(each.size()).isEqualTo(next + 1);
      for (long id = next; id >= 0; id--) {
        assertThat(each.image(id)).isEqualTo(TestArrivals.image(id));
      }
    }
    assertThatThrownBy(() -> log.image(next + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image must be from 0 to %d: %d", next, next + 1);
    assertThatThrownBy(() -> log.image(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void storesChunksRunByRun() throws IOException {
    ArrivalLog log = ArrivalLog.begin(HEADER);
    for (int i = 0; i < 100; i++) {
      log.add(TestArrivals.image(i));
    }
    long before = log.complete();
    log.decide(4);
    for (int i = 0; i < 20; i++) {
      log.decide(ChunkDecisions.PATTERN);
    }
    assertThat(log.complete()).isEqualTo(before + 2 * 3);
    assertThat(log.complete()).isEqualTo(before + 2 * 3);
    for (int i = 0; i < 5; i++) {
      log.decide(ChunkDecisions.PATTERN);
    }
    assertThat(log.complete()).isEqualTo(before + 3 * 3);
    ArrivalLog read = parse(bytes(log));

    assertThat(read.chunks()).isEqualTo(log.chunks()).isEqualTo(26);
    assertThat(read.used()).isEqualTo(log.used()).isEqualTo(4 + 25 * 2);
    assertThat(read.stepOf(0)).isEqualTo(1);
    assertThat(read.stepOf(53)).isEqualTo(13);
    assertThat(read.stepOf(54)).isZero();
  }

  @Test
  void deletesForChunksThatAreNotDecidedYet() throws IOException {
    ArrivalLog log = ArrivalLog.begin(HEADER);
    for (int i = 0; i < 40; i++) {
      log.add(TestArrivals.image(i));
    }
    log.delete(5);
    log.decide(4);
    log.decide(4);
    log.delete(6);
    log.decide(4);
    log.delete(5);
    log.delete(7);

    for (ArrivalLog each : List.of(log, parse(bytes(log)))) {
      assertThat(each.deleted()).isEqualTo(3);
      assertThat(each.isDeleted(5, 0)).isTrue();
      assertThat(each.isDeleted(6, 1)).isFalse();
      assertThat(each.isDeleted(6, 2)).isTrue();
      assertThat(each.isDeleted(7, 2)).isFalse();
      assertThat(each.isDeleted(7, 3)).isTrue();
      assertThat(each.isDeleted(8, 3)).isFalse();
    }
    assertThatThrownBy(() -> log.delete(40))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image must be from 0 to 39: 40");
  }

  /** A day's folder that goes arrives in an order of its own, mixed with others. */
  @Test
  void storesDeletionsOfManyImagesInFewBytes() throws IOException {
    int images = 200_000;
    ArrivalLog log = ArrivalLog.begin(HEADER);
    for (int i = 0; i < images; i++) {
      log.add(TestArrivals.image(i));
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, images / 2).boxed().toList());
    Collections.shuffle(order, new Random(1));
    long whole = log.complete();
    order.forEach(log::delete);
    long contiguous = log.complete() - whole;
    for (int i = images / 2; i < images; i += 3) {
      log.delete(i);
    }
    long scattered = log.complete() - whole - contiguous;
    log.decide(4);
    log.delete(images - 2);
    ArrivalLog read = parse(bytes(log));

    assertThat(contiguous).isLessThan(20);
    assertThat(scattered).isLessThan(2 * images / 2 / 3 + 20);
    assertThat(read.deleted()).isEqualTo(log.deleted()).isEqualTo(images / 2 + images / 6 + 2);
    assertThat(bytes(read)).isEqualTo(bytes(log));
    assertThat(read.image(images - 1)).isEqualTo(TestArrivals.image(images - 1));
    // Eight bytes for each in whole pages.
    assertThat(log.memoryBytes() - log.complete()).isLessThan(9L * images + images);
    for (int id = 0; id < images; id++) {
      assertThat(read.isDeleted(id, 0)).isEqualTo(log.isDeleted(id, 0));
    }
  }

  @Test
  void hasTheDigestOfItsBytes() throws Exception {
    ArrivalLog log = golden();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    String expected = HexFormat.of().formatHex(digest.digest(bytes(log)));

    assertThat(log.digest()).isEqualTo(expected);
    ArrivalLog read = parse(bytes(log));
    assertThat(read.digest()).isEqualTo(expected);
    read.add(TestArrivals.image(1));
    assertThat(read.digest())
        .isEqualTo(HexFormat.of().formatHex(digest.digest(bytes(read))))
        .isNotEqualTo(expected);
  }

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

  private static void refuses(String hex, String message) {
    assertThatThrownBy(() -> parse(HexFormat.of().parseHex(hex)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
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

  /** Whether bytes are taken for a log; then all of it can be used. */
  private static boolean useOrRefuse(byte[] bytes) {
    ArrivalLog log;
    try {
      log = parse(bytes);
    } catch (IOException e) {
      assertThat(e).hasMessageNotContaining("null");
      return false;
    }
    List<ArrivedImage> images = images(log);
    for (int id = 0; id < log.size(); id++) {
      assertThat(log.image(id)).isEqualTo(images.get(id));
      assertThat(log.stepOf(id)).isNotNegative();
    }
    log.add(TestArrivals.image(1));
    assertThat(log.image(log.size() - 1)).isEqualTo(TestArrivals.image(1));
    return true;
  }
}
