package io.simmim.operators.arrival;

import static io.simmim.operators.arrival.TestArrivals.deleted;
import static io.simmim.operators.arrival.TestArrivals.event;
import static io.simmim.operators.arrival.TestArrivals.listed;
import static io.simmim.operators.arrival.TestArrivals.shard;
import static io.simmim.operators.arrival.TestSequences.TAR;
import static io.simmim.operators.arrival.TestSequences.URI;
import static io.simmim.operators.arrival.TestSequences.add;
import static io.simmim.operators.arrival.TestSequences.deletedImages;
import static io.simmim.operators.arrival.TestSequences.member;
import static io.simmim.operators.arrival.TestSequences.readBack;
import static io.simmim.operators.arrival.TestSequences.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalSequenceTest {
  @Test
  void takesEachVersionOnce() throws IOException {
    ArrivalSequence sequence = sequence();
    assertThat(sequence.accept(event(URI, "v:1", 10))).isEqualTo(1);
    assertThat(sequence.accept(event(URI, "v:2", 20))).isEqualTo(1);
    assertThat(sequence.accept(event(URI, "v:1", 10))).isZero();
    assertThat(sequence.accept(event(URI, "v:1", 15))).isZero();
    assertThat(sequence.accept(event("s3://photos/b.jpg", "v:1", 10))).isEqualTo(1);

    ArrivalSequence again = readBack(sequence);
    for (ArrivalSequence each : List.of(sequence, again)) {
      assertThat(each.accept(event(URI, "v:2", 20))).isZero();
      assertThat(each.accept(event(URI, "v:1", 10))).isZero();
      assertThat(each.accept(event(URI, "v:0", 1))).isEqualTo(1);
      assertThat(each.accept(event(URI, "e:2", 20))).isEqualTo(1);
      assertThat(each.log().size()).isEqualTo(5);
      assertThat(each.waiting()).isEqualTo(5);
    }
  }

  @Test
  void takesAListedObjectOncePerChangeOfItsLength() throws IOException {
    ArrivalSequence sequence = sequence();
    assertThat(sequence.accept(listed(URI, 100, 10))).isEqualTo(1);
    assertThat(sequence.accept(listed(URI, 100, 20))).isZero();
    assertThat(sequence.accept(listed(URI, 101, 30))).isEqualTo(1);
    assertThat(sequence.accept(listed(URI, 101, 40))).isZero();
    assertThat(sequence.accept(listed(URI, 100, 50))).isEqualTo(1);
    assertThat(readBack(sequence).accept(listed(URI, 100, 60))).isZero();
    assertThat(deletedImages(sequence)).containsExactly(0L, 1L);
  }

  @Test
  void takesVersionsWithoutANameByTheirTimes() throws IOException {
    ArrivalSequence sequence = sequence();
    assertThat(sequence.accept(event(URI, "", 10))).isEqualTo(1);
    assertThat(sequence.accept(event(URI, "", 10))).isZero();
    assertThat(sequence.accept(event(URI, "", 20))).isEqualTo(1);

    sequence = readBack(sequence);
    assertThat(sequence.accept(event(URI, "", 10))).isZero();
    assertThat(sequence.accept(event(URI, "", 20))).isZero();
    assertThat(deletedImages(sequence)).containsExactly(0L);
  }

  /** The topic is read again. */
  @Test
  void takesEachOfTheVersionsOfOneMillisecondOnce() throws IOException {
    ArrivalSequence sequence = sequence();
    List<ArrivedObject> events =
        List.of(event(URI, "v:1", 10), event(URI, "e:2", 10), event(URI, "", 10));
    events.forEach(event -> assertThat(sequence.accept(event)).isEqualTo(1));

    for (ArrivalSequence each : List.of(sequence, readBack(sequence))) {
      for (ArrivedObject event : events) {
        assertThat(each.isNew(event.arrival())).isFalse();
        assertThat(each.accept(event)).isZero();
      }
      assertThat(deletedImages(each)).containsExactly(0L, 1L);
    }
    assertThat(sequence.accept(listed(URI, 77, 10))).as("a change of length").isEqualTo(1);
  }

  @Test
  void learnsNothingFromAListingThatBeganBeforeAnEvent() {
    ArrivalSequence sequence = sequence();
    sequence.accept(event(URI, 100, "e:1", 10_000));
    sequence.accept(event(URI, 300, "e:2", 20_000));

    assertThat(sequence.accept(listed(URI, 100, 15_000))).isZero();
    assertThat(sequence.accept(listed(URI, 300, 21_000))).isZero();
    assertThat(sequence.accept(listed(URI, 100, 21_000))).isEqualTo(1);
  }

  @Test
  void replacesTheVersionBefore() throws IOException {
    ArrivalSequence sequence = sequence();
    add(sequence, 3);
    sequence.accept(event(URI, "e:1", 10));
    sequence.ready(0, WhenIdle.WAIT);
    sequence.accept(event(URI, "e:2", 20));
    sequence.accept(event(URI, "e:3", 30));
    sequence.accept(event(URI, "e:0", 5));
    sequence.accept(shard(event(TAR, "e:1", 10), member("a", 512), member("b", 1024)));
    sequence.accept(shard(event(TAR, "e:2", 20), member("b", 1024), member("c", 1536)));
    assertThat(sequence.ready(1, WhenIdle.REPLAY)).isTrue();
    assertThat(sequence.ready(2, WhenIdle.REPLAY)).isTrue();
    assertThat(sequence.ready(3, WhenIdle.REPLAY)).isTrue();
    assertThat(sequence.ready(4, WhenIdle.REPLAY)).isTrue();

    for (ArrivalSequence each : List.of(sequence, readBack(sequence))) {
      assertThat(deletedImages(each)).containsExactly(3L, 4L, 6L, 7L, 8L);
      List<ImageRef> images = new ArrayList<>();
      for (long chunk = 0; chunk < 5; chunk++) {
        images.addAll(each.images(chunk));
      }
      for (ImageRef image : images) {
        boolean gone = List.of(4L, 6L, 7L, 8L).contains(image.sampleId());
        assertThat(image.problem())
            .isEqualTo(gone ? "deleted or replaced before it was trained on" : "");
      }
      assertThat(images).extracting(ImageRef::sampleId).contains(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
      assertThat(each.accept(event(URI, "e:0", 5))).isZero();
    }
  }

  @Test
  void neverReplaysWhatWasNotThereWhenItWasRead() throws IOException {
    ArrivalSequence sequence = sequence();
    add(sequence, 2);
    sequence.accept(event(URI, "e:1", 10));
    sequence.accept(event(URI, "e:2", 20));
    sequence.accept(shard(event(TAR, "e:1", 10), member("a", 512), member("b", 1024)));
    sequence.gone(1);
    sequence.gone(2); // an older version: nothing new
    sequence.gone(5);

    for (ArrivalSequence each : List.of(sequence, readBack(sequence))) {
      assertThat(deletedImages(each)).containsExactly(1L, 2L, 4L, 5L);
      assertThat(each.accept(event(URI, "e:2", 20))).isZero();
      assertThat(each.accept(event("s3://photos/1.jpg", "e:1", 1))).isZero();
      assertThat(each.accept(event("s3://photos/1.jpg", "e:2", 2))).isEqualTo(1);
    }
  }

  /** A camera that writes latest.jpg every ten seconds for twelve days. */
  @Test
  void readsFewEntriesPerVersionHoweverManyThereWere() throws IOException {
    int versions = 100_000;
    int most = 3 * ArrivalLog.BLOCK;
    ArrivalSequence sequence = sequence();
    add(sequence, 40);
    for (int i = 0; i < versions; i++) {
      sequence.accept(event(URI, 1000 + i % 7, "e:" + i, 10_000L * i));
    }
    assertThat(sequence.log().entriesRead()).isLessThan((long) most * versions);
    assertThat(sequence.log().deleted()).isEqualTo(versions - 1);

    ArrivalSequence again = readBack(sequence);
    assertThat(again.log().entriesRead()).isLessThan((long) most * versions);
    long before = again.log().entriesRead();
    for (int i = 0; i < versions; i++) { // the topic is read again from its beginning
      assertThat(again.accept(event(URI, 1000 + i % 7, "e:" + i, 10_000L * i))).isZero();
    }
    again.accept(deleted(URI, "", 10_000L * versions));
    assertThat(again.log().entriesRead() - before).isLessThan((long) most * versions);
    assertThat(again.log().deleted()).isEqualTo(versions);
  }

  @Test
  void knowsAnObjectFromEventsInAListing() throws IOException {
    ArrivalSequence sequence = sequence();
    sequence.accept(event(URI, 100, "v:1", 10_000));
    sequence.accept(shard(event(TAR, 5000, "v:1", 10_000), new ImageRef(0, TAR, 512, 9, "x", "")));
    sequence.accept(shard(event("s3://photos/empty.tar", 1024, "v:1", 10_000)));

    for (ArrivalSequence each : List.of(sequence, readBack(sequence))) {
      assertThat(each.accept(listed(URI, 100, 20_000))).isZero();
      assertThat(each.accept(shard(listed(TAR, 5000, 20_000)))).isZero();
      assertThat(each.accept(shard(listed("s3://photos/empty.tar", 1024, 20_000)))).isZero();
      assertThat(each.accept(listed(URI, 200, 30_000))).isEqualTo(1);
    }
  }

  @Test
  void knowsAListedObjectInAnEventThatIsNotLater() {
    ArrivalSequence sequence = sequence();
    sequence.accept(listed(URI, 100, 10_000));
    assertThat(sequence.accept(event(URI, "v:1", 9_000))).isZero();
    assertThat(sequence.accept(event(URI, "v:1", 12_000))).isZero();
    assertThat(sequence.accept(event(URI, "v:2", 12_001))).isEqualTo(1);
    assertThat(sequence.accept(event(URI, "v:2", 12_001))).isZero();
  }

  /** An object that came while the listing went on is told of by an event of its own. */
  @Test
  void knowsAnObjectThatCameDuringAListing() throws IOException {
    ArrivalSequence sequence = sequence();
    sequence.accept(listed(URI, 100, 10_000, 59_001));
    sequence.accept(shard(listed(TAR, 5000, 10_000, 60_000), member("x", 512)));

    for (ArrivalSequence each : List.of(sequence, readBack(sequence))) {
      assertThat(each.isNew(event(URI, 100, "v:1", 30_000).arrival())).isFalse();
      assertThat(each.isNew(event(URI, 100, "v:1", 72_000).arrival())).isFalse();
      assertThat(each.isNew(event(URI, 100, "v:1", 72_001).arrival())).as("later").isTrue();
      assertThat(each.isNew(event(URI, 101, "v:1", 30_000).arrival())).as("longer").isTrue();
      assertThat(each.isNew(event(TAR, 5000, "v:1", 30_000).arrival())).isFalse();
      assertThat(each.isNew(event(TAR, 5001, "v:1", 30_000).arrival())).isTrue();
      assertThat(each.isNew(listed(URI, 100, 90_000, 10_000).arrival())).isFalse();
      assertThat(each.isNew(listed(URI, 101, 90_000, 59_000).arrival())).isTrue();
    }
  }

  @Test
  void deletesTheVersionThatIsGone() throws IOException {
    ArrivalSequence sequence = sequence();
    add(sequence, 3);
    sequence.accept(event(URI, "v:1", 10));
    sequence.accept(event(URI, "v:2", 20));
    assertThat(sequence.accept(deleted(URI, "v:1", 30))).isZero();
    assertThat(sequence.accept(deleted("s3://photos/unknown.jpg", "v:1", 30))).isZero();

    assertThat(deletedImages(sequence)).containsExactly(3L);
    assertThat(deletedImages(readBack(sequence))).containsExactly(3L);
  }

  /** As a rule deletes what an object was before its bucket had versions. */
  @Test
  void deletesTheVersionWithoutAnIdOnlyWhereItIsTheNewest() throws IOException {
    ArrivalSequence sequence = sequence();
    sequence.accept(event(URI, "e:1", 10));
    sequence.accept(event(URI, "v:2", 20));
    sequence.accept(event("s3://photos/b.jpg", "e:1", 10));
    sequence.accept(event("s3://photos/c.jpg", "e:1", 40));
    sequence.accept(listed("s3://photos/d.jpg", 100, 10));
    for (String name : List.of("a.jpg", "b.jpg", "c.jpg", "d.jpg")) {
      sequence.accept(deleted("s3://photos/" + name, Arrival.NULL_VERSION, 30));
    }

    assertThat(deletedImages(sequence)).containsExactly(0L, 2L);
    assertThat(deletedImages(readBack(sequence))).containsExactly(0L, 2L);
  }

  @Test
  void deletesAllVersionsThatCameBefore() throws IOException {
    ArrivalSequence sequence = sequence();
    sequence.accept(event(URI, "v:1", 10));
    sequence.accept(event("s3://photos/b.jpg", "v:1", 10));
    sequence.accept(event(URI, "e:2", 20));
    sequence.accept(event(URI, "e:3", 40));
    sequence = readBack(sequence);
    sequence.accept(deleted(URI, "", 30));

    assertThat(deletedImages(sequence)).containsExactly(0L, 2L);
    sequence.accept(deleted(URI, "", 50));
    sequence.accept(deleted(URI, "", 50));
    assertThat(deletedImages(sequence)).containsExactly(0L, 2L, 3L);
  }

  @Test
  void takesWhatIsThereAgainAfterItsDeletion() throws IOException {
    ArrivalSequence sequence = sequence();
    sequence.accept(event(URI, "e:1", 10));
    sequence.accept(deleted(URI, "", 20));
    assertThat(sequence.accept(event(URI, "e:1", 10))).as("the old event again").isZero();
    assertThat(sequence.accept(event(URI, "e:1", 30))).isEqualTo(1);
    assertThat(sequence.accept(event(URI, "e:1", 30))).isZero();
    sequence = readBack(sequence);

    assertThat(sequence.accept(event(URI, "e:1", 30))).isZero();
    assertThat(sequence.accept(event(URI, "e:1", 10))).isZero();
    assertThat(deletedImages(sequence)).containsExactly(0L);
  }

  /** It was deleted and then written as it was, and the events meet in another order. */
  @Test
  void keepsWhatWasWrittenAgainAfterItsDeletion() {
    ArrivalSequence sequence = sequence();
    sequence.accept(event(URI, "e:1", 10));
    assertThat(sequence.accept(event(URI, "e:1", 30))).isZero();
    sequence.accept(deleted(URI, "", 20));
    assertThat(deletedImages(sequence)).isEmpty();

    sequence.accept(deleted(URI, "", 40));
    assertThat(deletedImages(sequence)).containsExactly(0L);
    assertThat(sequence.accept(event(URI, "e:1", 30))).as("the second event again").isZero();
    assertThat(sequence.accept(event(URI, "e:1", 50))).isEqualTo(1);
  }
}
