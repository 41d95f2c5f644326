package io.simmim.operators.arrival;

import static io.simmim.operators.arrival.TestArrivals.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ByteLog;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;

/** Training sequences, and what they hold. */
final class TestSequences {
  private TestSequences() {}

  static final String URI = "s3://photos/a.jpg";
  static final String TAR = "s3://photos/a.tar";
  static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 4, 2);

  static ArrivalSequence sequence() {
    return new ArrivalSequence(ArrivalLog.begin(HEADER));
  }

  static ArrivalSequence readBack(ArrivalSequence sequence) throws IOException {
    ArrivalLog log = sequence.log();
    byte[] bytes = new byte[Math.toIntExact(log.complete())];
    log.bytes().copy(0, bytes, 0, bytes.length);
    ByteLog stored = new ByteLog();
    stored.append(bytes, 0, bytes.length);
    return new ArrivalSequence(ArrivalLog.parse(stored));
  }

  static void add(ArrivalSequence sequence, int images) {
    for (int i = 0; i < images; i++) {
      long number = sequence.log().size();
      assertThat(sequence.accept(event("s3://photos/%d.jpg".formatted(number), "e:1", number)))
          .isEqualTo(1);
    }
  }

  static List<Long> ids(ArrivalSequence sequence, long chunk) {
    return sequence.images(chunk).stream().map(ImageRef::sampleId).toList();
  }

  static List<Long> deletedImages(ArrivalSequence sequence) {
    ArrivalLog log = sequence.log();
    return LongStream.range(0, log.size())
        .filter(id -> log.isDeleted(id, log.chunks()))
        .boxed()
        .toList();
  }

  static ImageRef member(String name, long offset) {
    return new ImageRef(0, TAR, offset, 9, name, "");
  }
}
