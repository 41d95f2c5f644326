package io.simmim.operators.arrival.log;

import static io.simmim.operators.arrival.log.ChunkDecisions.PATTERN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkDecisionsTest {
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.05, 0.25, 1.0 / 3, 0.5, 0.9, 0.999})
  void replaysExactlyTheShare(double share) {
    for (int chunkImages : new int[] {1, 3, 16}) {
      ChunkDecisions decisions = new ChunkDecisions(chunkImages, share);
      for (long chunk = 0; chunk < 500; chunk++) {
        long expected = decisions.used() + decisions.patternImages(chunk);
        decisions.add(PATTERN, 1);
        long samples = (chunk + 1) * chunkImages;

        assertThat(samples - decisions.used()).isEqualTo((long) Math.floor(samples * share));
        assertThat(decisions.used()).isEqualTo(expected);
      }
    }
  }

  @Test
  void agreesWithItselfWhateverIsDecided() {
    Random random = new Random(1);
    for (int round = 0; round < 60; round++) {
      int chunkImages = 1 + random.nextInt(9);
      ChunkDecisions decisions = new ChunkDecisions(chunkImages, random.nextInt(10) / 10.0);
      for (int run = random.nextInt(60); run >= 0; run--) {
        int kind = random.nextBoolean() ? PATTERN : random.nextInt(chunkImages + 1);
        decisions.add(kind, 1 + random.nextInt(5));
      }
      requireConsistent(decisions, chunkImages);
    }
  }

  private static void requireConsistent(ChunkDecisions decisions, int chunkImages) {
    long image = 0;
    for (long chunk = 0; chunk < decisions.chunks(); chunk++) {
      assertThat(decisions.firstImage(chunk)).isEqualTo(image);
      for (int place = 0; place < chunkImages; place++) {
        if (!decisions.isReplayed(chunk, place)) {
          assertThat(decisions.chunkOf(image++)).isEqualTo(chunk);
        }
      }
    }
    assertThat(decisions.used()).isEqualTo(image);
    assertThat(decisions.chunkOf(image)).isEqualTo(-1);
  }

  @Test
  void decidesRunsAsItDecidesChunks() {
    ChunkDecisions oneByOne = new ChunkDecisions(4, 0.3);
    ChunkDecisions runs = new ChunkDecisions(4, 0.3);
    for (int kind : new int[] {4, PATTERN, 0, PATTERN, 2}) {
      runs.add(kind, 7);
      for (int i = 0; i < 7; i++) {
        oneByOne.add(kind, 1);
      }
    }

    assertThat(runs.chunks()).isEqualTo(35).isEqualTo(oneByOne.chunks());
    for (long chunk = 0; chunk < 35; chunk++) {
      assertThat(runs.firstImage(chunk)).isEqualTo(oneByOne.firstImage(chunk));
    }
  }

  @Test
  void fillsPlacesInOrderWhenTheNumberIsGiven() {
    ChunkDecisions decisions = new ChunkDecisions(4, 0.5);
    decisions.add(4, 1);
    decisions.add(1, 1);
    decisions.add(PATTERN, 1);

    assertThat(replayedPlaces(decisions, 0)).isEqualTo("____");
    assertThat(replayedPlaces(decisions, 1)).isEqualTo("_RRR");
    assertThat(replayedPlaces(decisions, 2)).isEqualTo("_R_R");
  }

  private static String replayedPlaces(ChunkDecisions decisions, long chunk) {
    StringBuilder places = new StringBuilder();
    for (int place = 0; place < 4; place++) {
      places.append(decisions.isReplayed(chunk, place) ? 'R' : '_');
    }
    return places.toString();
  }

  @Test
  void takesNoRoomForChunksInThePattern() {
    ChunkDecisions decisions = new ChunkDecisions(16, 0.5);
    decisions.add(PATTERN, 1_000_000_000_000L);

    assertThat(decisions.used()).isEqualTo(8_000_000_000_000L);
    assertThat(decisions.firstImage(999_999_999_999L)).isEqualTo(7_999_999_999_992L);
    assertThat(decisions.chunkOf(7_999_999_999_999L)).isEqualTo(999_999_999_999L);
  }

  @Test
  void refusesWhatIsNoDecision() {
    ChunkDecisions decisions = new ChunkDecisions(4, 0.5);

    assertThatThrownBy(() -> decisions.add(5, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a chunk must have 0 to 4 new images: 5");
    assertThatThrownBy(() -> decisions.add(-2, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> decisions.add(PATTERN, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chunks must be at least 1: 0");
    assertThatThrownBy(() -> decisions.add(0, Long.MAX_VALUE))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> decisions.firstImage(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chunk must be one of the 0 decided: 0");
    assertThat(decisions.chunks()).isZero();
  }
}
