package io.simmim.operators.arrival;

import static io.simmim.operators.arrival.TestArrivals.deleted;
import static io.simmim.operators.arrival.TestArrivals.event;
import static io.simmim.operators.arrival.TestArrivals.listed;
import static io.simmim.operators.arrival.TestArrivals.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArrivalSequenceTest {
  private static final String URI = "s3://photos/a.jpg";
  private static final String TAR = "s3://photos/a.tar";
  private static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 4, 2);

  private static ArrivalSequence sequence() {
    return new ArrivalSequence(ArrivalLog.begin(HEADER));
  }

  private static ArrivalSequence readBack(ArrivalSequence sequence) throws IOException {
    ArrivalLog log = sequence.log();
    byte[] bytes = new byte[Math.toIntExact(log.complete())];
    log.bytes().copy(0, bytes, 0, bytes.length);
    ByteLog stored = new ByteLog();
    stored.append(bytes, 0, bytes.length);
    return new ArrivalSequence(ArrivalLog.parse(stored));
  }

  private static void add(ArrivalSequence sequence, int images) {
    for (int i = 0; i < images; i++) {
      long number = sequence.log().size();
      assertThat(sequence.accept(event("s3://photos/%d.jpg".formatted(number), "e:1", number)))
          .isEqualTo(1);
    }
  }

  private static List<Long> ids(ArrivalSequence sequence, long chunk) {
    return sequence.images(chunk).stream().map(ImageRef::sampleId).toList();
  }

  private static List<Long> deletedImages(ArrivalSequence sequence) {
    ArrivalLog log = sequence.log();
    return LongStream.range(0, log.size())
        .filter(id -> log.isDeleted(id, log.chunks()))
        .boxed()
        .toList();
  }

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

  private static ImageRef member(String name, long offset) {
    return new ImageRef(0, TAR, offset, 9, name, "");
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

  /** Readers tell of each member of a shard that was deleted. */
  @Test
  void readsFewEntriesPerMemberOfAShardThatIsGone() {
    int members = 20_000;
    ArrivalSequence sequence = sequence();
    ImageRef[] images = new ImageRef[members];
    Arrays.setAll(images, i -> member("m" + i, 512L * (i + 1)));
    sequence.accept(shard(event(TAR, "e:1", 10), images));
    long before = sequence.log().entriesRead();
    for (int i = 0; i < members; i++) {
      sequence.gone(i);
      sequence.accept(deleted(TAR, "", 20));
    }

    assertThat(sequence.log().deleted()).isEqualTo(members);
    assertThat(sequence.log().entriesRead() - before).isLessThan(5L * ArrivalLog.BLOCK * members);
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

  /** A rule that keeps the newest thousand images of a hundred thousand. */
  @Test
  void findsWhatIsThereAmongMuchThatExpired() {
    int images = 100_000;
    int kept = 1000;
    ArrivalSequence sequence = sequence();
    add(sequence, images);
    long chunk = 0;
    while (sequence.waiting() > 0) {
      sequence.ready(chunk++, WhenIdle.REPLAY);
    }
    for (int i = 0; i < images - kept; i++) {
      sequence.accept(deleted("s3://photos/%d.jpg".formatted(i), "", images));
    }
    int chunks = 2500;
    int[] drawn = new int[kept];
    long before = sequence.log().entriesRead();
    for (int i = 0; i < chunks; i++) {
      assertThat(sequence.ready(chunk, WhenIdle.REPLAY)).isTrue();
      for (long id : ids(sequence, chunk++)) {
        drawn[Math.toIntExact(id - (images - kept))]++;
      }
    }

    assertThat(sequence.log().entriesRead() - before).isLessThan(40L * 4 * chunks);
    // Ten each, standard deviation 3.2.
    for (int times : drawn) {
      assertThat(times).isBetween(0, 30);
    }
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

  @Test
  void takesTheImagesOfAShardInOrder() throws IOException {
    ArrivalSequence sequence = sequence();
    add(sequence, 1);
    int images =
        sequence.accept(
            shard(
                event(TAR, 5000, "v:1", 10),
                new ImageRef(8, TAR, 2048, 9, "b", ""),
                new ImageRef(3, TAR, 512, 7, "a", "")));
    add(sequence, 1);

    assertThat(images).isEqualTo(2);
    assertThat(sequence.log().image(1).ref(1))
        .isEqualTo(new ImageRef(1, TAR, 2048, 9, "b", "", "v:1"));
    assertThat(sequence.log().image(2).ref(2))
        .isEqualTo(new ImageRef(2, TAR, 512, 7, "a", "", "v:1"));
    for (ArrivalSequence each : List.of(sequence, readBack(sequence))) {
      assertThat(each.accept(shard(event(TAR, 5000, "v:1", 10)))).isZero();
      each.accept(deleted(TAR, "v:1", 20));
      assertThat(deletedImages(each)).containsExactly(1L, 2L);
    }
  }

  @Test
  void namesAShardWithoutImages() {
    ArrivalSequence sequence = sequence();

    assertThat(sequence.accept(shard(event(TAR, 1024, "v:1", 10)))).isEqualTo(1);
    assertThat(sequence.log().image(0).ref(0))
        .isEqualTo(new ImageRef(0, TAR, 0, 0, "", "the shard has no JPEG", "v:1"));
  }

  @Test
  void beginsWithAChunkOfNewImagesOnly() {
    ArrivalSequence sequence = sequence();
    add(sequence, 3);
    assertThat(sequence.ready(0, WhenIdle.REPLAY)).isFalse();
    add(sequence, 1);
    assertThat(sequence.ready(0, WhenIdle.WAIT)).isTrue();

    assertThat(ids(sequence, 0)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(sequence.ready(0, WhenIdle.WAIT)).isTrue();
    assertThat(sequence.waiting()).isZero();
    assertThatThrownBy(() -> sequence.ready(2, WhenIdle.WAIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chunk must be at most 1: 2");
  }

  @Test
  void waitsForTheShareOfThePattern() {
    ArrivalSequence sequence = sequence();
    add(sequence, 5);
    sequence.ready(0, WhenIdle.WAIT);
    assertThat(sequence.ready(1, WhenIdle.WAIT)).isFalse();
    assertThat(sequence.log().chunks()).isEqualTo(1);
    add(sequence, 1);
    assertThat(sequence.ready(1, WhenIdle.WAIT)).isTrue();

    List<Long> images = ids(sequence, 1);
    assertThat(images.get(0)).isEqualTo(4);
    assertThat(images.get(1)).isBetween(0L, 3L);
    assertThat(images.get(2)).isEqualTo(5);
    assertThat(images.get(3)).isBetween(0L, 3L);
  }

  @Test
  void fillsUpWithOlderImagesWhenIdle() throws IOException {
    ArrivalSequence sequence = sequence();
    add(sequence, 5);
    sequence.ready(0, WhenIdle.REPLAY);
    assertThat(sequence.ready(1, WhenIdle.REPLAY)).isTrue();
    assertThat(sequence.ready(2, WhenIdle.REPLAY)).isTrue();

    assertThat(ids(sequence, 1)).startsWith(4L);
    assertThat(ids(sequence, 1).subList(1, 4)).allMatch(id -> id < 4);
    assertThat(ids(sequence, 2)).allMatch(id -> id < 5);
    ArrivalSequence again = readBack(sequence);
    for (long chunk = 0; chunk < 3; chunk++) {
      assertThat(again.images(chunk)).isEqualTo(sequence.images(chunk));
    }
  }

  @Test
  void takesNewImagesOnlyWhileNothingCanBeReplayed() {
    ArrivalSequence sequence = sequence();
    add(sequence, 3);
    sequence.accept(shard(event(TAR, 1024, "v:1", 10)));
    sequence.ready(0, WhenIdle.REPLAY);
    for (int i = 0; i < 3; i++) {
      sequence.accept(deleted("s3://photos/%d.jpg".formatted(i), "", 20));
    }
    assertThat(sequence.ready(1, WhenIdle.REPLAY)).isFalse();
    add(sequence, 4);

    assertThat(sequence.ready(1, WhenIdle.REPLAY)).isTrue();
    assertThat(ids(sequence, 1)).containsExactly(4L, 5L, 6L, 7L);
    assertThat(sequence.ready(2, WhenIdle.REPLAY)).isTrue();
    assertThat(ids(sequence, 2)).allMatch(id -> id >= 4);
  }

  @Test
  void findsTheOneImageThatIsLeft() {
    ArrivalSequence sequence = sequence();
    add(sequence, 400);
    for (long chunk = 0; sequence.waiting() >= 4; chunk++) {
      sequence.ready(chunk, WhenIdle.WAIT);
    }
    for (int i = 0; i < 400; i++) {
      if (i != 123) {
        sequence.accept(deleted("s3://photos/%d.jpg".formatted(i), "", 1000));
      }
    }
    long chunk = sequence.log().chunks();
    long waiting = sequence.waiting();
    assertThat(sequence.ready(chunk, WhenIdle.REPLAY)).isTrue();
    assertThat(sequence.ready(chunk + 1, WhenIdle.REPLAY)).isTrue();

    assertThat(waiting).isLessThan(4);
    assertThat(ids(sequence, chunk + 1)).containsOnly(123L);
  }

  @Test
  void replaysEveryImageAboutAsOften() {
    ArrivalSequence sequence = sequence();
    add(sequence, 8);
    sequence.ready(0, WhenIdle.WAIT);
    Integer[] drawn = {0, 0, 0, 0, 0, 0, 0, 0};
    for (long chunk = 1; chunk < 4000; chunk++) {
      sequence.ready(chunk, WhenIdle.REPLAY);
      if (chunk > 10) {
        ids(sequence, chunk).forEach(id -> drawn[Math.toIntExact(id)]++);
      }
    }

    // 15,956 draws: 1994 each, standard deviation 42.
    assertThat(drawn).allSatisfy(times -> assertThat(times).isBetween(1780, 2210));
  }

  /** What a run did, and what it may not do. */
  private static final class Course {
    private final Random random;
    private final Random cuts;
    private final List<List<ImageRef>> chunks = new ArrayList<>();
    private final Set<Long> gone = new HashSet<>();
    private ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.4, 8, 2)));
    private long millis;
    private int objects;

    /**
     * @param cuts where the log is read back from its bytes; null for nowhere
     */
    Course(long seed, Random cuts) {
      random = new Random(seed);
      this.cuts = cuts;
    }

    Course run() throws IOException {
      for (int step = 0; step < 1500; step++) {
        millis += 5000;
        switch (random.nextInt(8)) {
          case 0, 1 -> arrive(objects++);
          case 2 -> arrive(random.nextInt(objects + 1));
          case 3 -> arriveShard(objects++);
          case 4 -> delete(random.nextInt(objects + 1));
          default -> train();
        }
        if (cuts != null && cuts.nextInt(40) == 0) {
          sequence = readBack(sequence);
          for (int chunk = 0; chunk < chunks.size(); chunk++) {
            assertThat(sequence.images(chunk)).isEqualTo(chunks.get(chunk));
          }
        }
      }
      return this;
    }

    private static String uri(int object) {
      return "s3://photos/%d/%d.jpg".formatted(object % 3, object);
    }

    private void arrive(int object) {
      sequence.accept(event(uri(object), "e:" + random.nextInt(2), millis));
    }

    private void arriveShard(int object) {
      String uri = "s3://photos/%d.tar".formatted(object);
      List<ImageRef> members = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        members.add(new ImageRef(0, uri, 512L * i, 9, "m" + i, i == 3 ? "damaged" : ""));
      }
      sequence.accept(shard(event(uri, "e:1", millis), members.toArray(ImageRef[]::new)));
    }

    private void delete(int object) {
      sequence.accept(deleted(uri(object), "", millis));
      gone.clear();
      gone.addAll(deletedImages(sequence));
    }

    private void train() {
      WhenIdle idle = random.nextInt(4) == 0 ? WhenIdle.REPLAY : WhenIdle.WAIT;
      long before = sequence.log().used();
      if (!sequence.ready(chunks.size(), idle)) {
        return;
      }
      List<ImageRef> images = sequence.images(chunks.size());
      long next = before;
      for (ImageRef image : images) {
        if (image.sampleId() >= before) {
          assertThat(image.sampleId()).isEqualTo(next++);
        } else {
          assertThat(gone).doesNotContain(image.sampleId());
          assertThat(image.problem()).isEmpty();
        }
      }
      assertThat(next).isEqualTo(sequence.log().used());
      assertThat(images).hasSize(8);
      chunks.add(images);
    }
  }

  @Test
  void followsFromTheLogWhereverItIsCut() throws IOException {
    for (int seed = 0; seed < 8; seed++) {
      Course whole = new Course(seed, null).run();
      Course cut = new Course(seed, new Random(seed)).run();

      assertThat(whole.chunks).hasSizeGreaterThan(30);
      assertThat(whole.sequence.log().deleted()).isPositive();
      assertThat(cut.chunks).isEqualTo(whole.chunks);
      assertThat(cut.sequence.log().size()).isEqualTo(whole.sequence.log().size());
    }
  }
}
