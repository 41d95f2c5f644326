package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.TestArrivals;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivalLogTest extends ArrivalLogCase {
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
}
