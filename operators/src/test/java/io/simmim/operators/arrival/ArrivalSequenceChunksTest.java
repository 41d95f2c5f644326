package io.simmim.operators.arrival;

import static io.simmim.operators.arrival.TestArrivals.deleted;
import static io.simmim.operators.arrival.TestArrivals.event;
import static io.simmim.operators.arrival.TestArrivals.shard;
import static io.simmim.operators.arrival.TestSequences.TAR;
import static io.simmim.operators.arrival.TestSequences.add;
import static io.simmim.operators.arrival.TestSequences.deletedImages;
import static io.simmim.operators.arrival.TestSequences.ids;
import static io.simmim.operators.arrival.TestSequences.readBack;
import static io.simmim.operators.arrival.TestSequences.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which images a chunk has. */
class ArrivalSequenceChunksTest {
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
      assertThat(times).isBetween(1, 30);
    }
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

  /** Of ten chunks of the pattern two have no new image, as all have while nothing arrives. */
  @Test
  void takesNoRoomWhileNothingArrives() throws IOException {
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.9, 8, 2)));
    add(sequence, 8);
    sequence.ready(0, WhenIdle.REPLAY);
    long memory = sequence.memoryBytes();
    long length = sequence.log().complete();
    for (long chunk = 1; chunk < 20_000; chunk++) {
      assertThat(sequence.ready(chunk, WhenIdle.REPLAY)).isTrue();
    }

    assertThat(sequence.memoryBytes() - memory).isLessThan(64);
    assertThat(sequence.log().complete() - length).isLessThan(20);
    assertThat(readBack(sequence).images(19_999)).isEqualTo(sequence.images(19_999));
    add(sequence, 1);
    assertThat(sequence.ready(20_000, WhenIdle.REPLAY)).isTrue();
    assertThat(sequence.waiting()).as("the pattern goes on").isZero();
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
