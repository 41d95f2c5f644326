package io.simmim.operators.arrival;

import static io.simmim.operators.arrival.TestArrivals.deleted;
import static io.simmim.operators.arrival.TestArrivals.event;
import static io.simmim.operators.arrival.TestArrivals.shard;
import static io.simmim.operators.arrival.TestSequences.TAR;
import static io.simmim.operators.arrival.TestSequences.add;
import static io.simmim.operators.arrival.TestSequences.deletedImages;
import static io.simmim.operators.arrival.TestSequences.member;
import static io.simmim.operators.arrival.TestSequences.readBack;
import static io.simmim.operators.arrival.TestSequences.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tar shards that come, whose images are many. */
class ArrivalShardsTest {
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

  /** The coordinator would have to hold millions of them. */
  @Test
  void holdsOneImageOfAShardAtATime() {
    ArrivalSequence sequence = sequence();
    List<ImageRef> members =
        new AbstractList<>() {
          @Override
          public ImageRef get(int index) {
            assertThat(sequence.log().size()).as("those before it are noted").isEqualTo(index);
            return member(Integer.toString(index), 512L * index);
          }

          @Override
          public int size() {
            return 1000;
          }
        };

    assertThat(
            sequence.accept(
                new ArrivedObject(event(TAR, "e:1", 1).arrival(), Optional.of(members))))
        .isEqualTo(1000);
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
        .isEqualTo(new ImageRef(0, TAR, 0, 0, "", "the shard has no image", "v:1"));
  }
}
