package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.timing.ChunkTimes;
import io.simmim.schemas.timing.DataWait;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Steps of ten seconds, from 100 s on by the clock on the wall. */
class StepClockTest {
  private static final int BEGINNING = 100;

  private double seconds;
  private double wallAhead;
  private StepClock clock;

  @BeforeEach
  void makeClock() {
    clock =
        new StepClock(
            () -> Math.round(seconds * 1e9),
            () -> Math.round((BEGINNING + seconds + wallAhead) * 1e6));
    clock.beginStep();
  }

  @Test
  void dividesAWaitByWhenItsImagesWereReady() {
    waited(2, 8);
    arrive(chunk(5, 7));

    expect(0.3, 0.2, 0.1);
  }

  @Test
  void countsUntilTheLastChunkOfTheMicroBatch() {
    waited(2, 8);
    arrive(chunk(5, 6), chunk(3, 7));

    expect(0.3, 0.2, 0.1);
  }

  @Test
  void addsUpTheWaitsOfAStep() {
    waited(0, 2);
    arrive(chunk(2, 2));
    waited(4, 8);
    arrive(chunk(3, 7));

    expect(0.2, 0.3, 0.1);
  }

  @Test
  void dividesAWaitThatACheckpointInterrupted() {
    waited(2, 4);
    waited(4, 8);
    arrive(chunk(5, 7));

    expect(0.3, 0.2, 0.1);
  }

  @Test
  void takesImagesThatWereReadyBeforeForHandedOver() {
    waited(2, 8);
    arrive(chunk(0.5, 1));

    expect(0, 0, 0.6);
  }

  /** As those of a checkpoint that an earlier build wrote. */
  @Test
  void takesImagesThatNobodyTimedForHandedOver() {
    waited(2, 8);
    clock.arrived(List.of(untimed()));

    expect(0, 0, 0.6);
  }

  /** Clocks of machines differ. */
  @Test
  void staysWithinTheWaitWhateverOtherClocksSay() {
    waited(2, 8);
    arrive(chunk(12, 13));
    expect(0.6, 0, 0);

    clock.beginStep();
    waited(12, 18);
    arrive(chunk(15, 14));
    expect(0.3, 0, 0.3);
  }

  @Test
  void waitsNoLessWhenTheClockOnTheWallIsSetBack() {
    seconds = 2;
    clock.beginWait();
    seconds = 8;
    wallAhead = -3600;
    clock.endWait();
    arrive(chunk(5, 7));

    expect(0, 0, 0.6);
  }

  private void waited(double from, double to) {
    seconds = from;
    clock.beginWait();
    seconds = to;
    clock.endWait();
  }

  private void arrive(TensorChunk... chunks) {
    clock.arrived(List.of(chunks));
  }

  /** Ends the step ten seconds after it began. */
  private void expect(double fetching, double decoding, double network) {
    seconds = Math.ceil(seconds / 10) * 10;
    DataWait wait = clock.dataWait();
    assertThat(wait.fetching()).isCloseTo(fetching, within(1e-9));
    assertThat(wait.decoding()).isCloseTo(decoding, within(1e-9));
    assertThat(wait.network()).isCloseTo(network, within(1e-9));
  }

  private static TensorChunk chunk(double fetched, double decoded) {
    return untimed()
        .at(
            new ChunkTimes(
                Math.round((BEGINNING + fetched) * 1e6), Math.round((BEGINNING + decoded) * 1e6)));
  }

  private static TensorChunk untimed() {
    return new TensorChunk(0, 0, 1, 1, new long[0], new byte[0], new byte[0], List.of());
  }
}
