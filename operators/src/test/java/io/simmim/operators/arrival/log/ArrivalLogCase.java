package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.TestArrivals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What these tests share. */
abstract class ArrivalLogCase {
  static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 4, 2);

  static final String GOLDEN =
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

  static ArrivalLog golden() {
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

  static byte[] bytes(ArrivalLog log) {
    byte[] bytes = new byte[Math.toIntExact(log.complete())];
    log.bytes().copy(0, bytes, 0, bytes.length);
    return bytes;
  }

  static ArrivalLog parse(byte[] bytes) throws IOException {
    ByteLog stored = new ByteLog();
    stored.append(bytes, 0, bytes.length);
    return ArrivalLog.parse(stored);
  }

  static List<ArrivedImage> images(ArrivalLog log) {
    List<ArrivedImage> images = new ArrayList<>();
    log.forEachImage((id, image) -> images.add(image));
    return images;
  }

  static void refuses(String hex, String message) {
    assertThatThrownBy(() -> parse(HexFormat.of().parseHex(hex)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  /** Whether bytes are taken for a log; then all of it can be used. */
  static boolean useOrRefuse(byte[] bytes) {
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
