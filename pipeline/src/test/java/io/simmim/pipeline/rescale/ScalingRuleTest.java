package io.simmim.pipeline.rescale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.rescale.ScalingRule.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalingRuleTest {
  private static final int WINDOW = 10;
  private static final int MOST = 64;
  private static final ScalingRule RULE = new ScalingRule(1, MOST);

  /**
   * A job as three rates.
   *
   * @param decoder images per second of one decoder
   * @param trainer images per second that the trainer could take
   * @param storage images per second that the storage can give
   */
  private record Job(double decoder, double trainer, double storage) {
    /** What is seen of it with so many decoders, give or take a twentieth of each share. */
    List<JobLoad> seen(int decoders, SplittableRandom random) {
      double taken = Math.min(Math.min(decoders * decoder, trainer), storage);
      List<JobLoad> window = new ArrayList<>();
      for (int i = 0; i < WINDOW; i++) {
        double busy = taken / (decoders * decoder) * random.nextDouble(0.95, 1.05);
        double wait = (1 - taken / trainer) * random.nextDouble(0.95, 1.05);
        window.add(new JobLoad(decoders, Math.min(1, busy), Math.min(1, Math.max(0, wait))));
      }
      return window;
    }
  }

  /** From any number of decoders to one that feeds the trainer, and no change after that. */
  @ParameterizedTest
  @CsvSource({
    "1, 100",
    "1, 900",
    "1, 6000",
    "64, 100",
    "64, 900",
    "64, 3000",
    "16, 900",
    "11, 900"
  })
  void endsWithAsManyAsTheTrainerNeeds(int first, double trainer) {
    Job job = new Job(100, trainer, Double.POSITIVE_INFINITY);
    SplittableRandom random = new SplittableRandom(first);
    int decoders = first;
    int changes = 0;
    for (int i = 0; i < 200; i++) {
      int next = RULE.decide(job.seen(decoders, random)).decoders();
      if (next != decoders) {
        changes++;
        assertThat(i).as("changed at decision %d".formatted(i)).isLessThan(10);
      }
      decoders = next;
    }
    assertThat(changes).isLessThanOrEqualTo(7);
    double wanted = trainer / 100;
    assertThat((double) decoders)
        .isBetween(Math.min(MOST, wanted), Math.min(MOST, 1.9 * wanted + 1));
  }

  @Test
  void addsNoneWhereTheStorageIsWhatTheTrainerWaitsFor() {
    Job job = new Job(100, 2000, 300);
    for (int decoders : new int[] {8, 16, 32}) {
      Decision decision = RULE.decide(job.seen(decoders, new SplittableRandom(1)));

      assertThat(decision.decoders()).isEqualTo(decoders);
      assertThat(decision.reason()).endsWith("it waits for the storage, not for decoders");
    }
  }

  @Test
  void addsNoneForATrainerThatHardlyWaits() {
    assertThat(RULE.decide(List.of(new JobLoad(4, 1, 0.04))).decoders()).isEqualTo(4);
  }

  @Test
  void takesNoneAwayForOneQuietMoment() {
    List<JobLoad> seen =
        List.of(new JobLoad(8, 0.1, 0), new JobLoad(8, 0.1, 0), new JobLoad(8, 0.9, 0));

    assertThat(RULE.decide(seen).decoders()).isEqualTo(8);
    assertThat(RULE.decide(seen.subList(0, 2)).decoders()).isEqualTo(1);
  }

  @Test
  void staysWithinItsBounds() {
    ScalingRule rule = new ScalingRule(3, 5);

    assertThat(rule.decide(List.of(new JobLoad(4, 1, 0.9))).decoders()).isEqualTo(5);
    assertThat(rule.decide(List.of(new JobLoad(5, 1, 0.9))))
        .isEqualTo(
            new Decision(
                5,
                "5 decoders work 100 % of the time, the trainer waits 90 %: too few, but no more"
                    + " are allowed"));
    assertThat(rule.decide(List.of(new JobLoad(4, 0, 0))).decoders()).isEqualTo(3);
    assertThat(rule.decide(List.of(new JobLoad(1, 0, 0))).decoders()).isEqualTo(3);
    assertThat(rule.decide(List.of(new JobLoad(9, 1, 0.9))).decoders()).isEqualTo(5);
  }

  @Test
  void doublesAtMost() {
    assertThat(RULE.decide(List.of(new JobLoad(2, 1, 1))).decoders()).isEqualTo(4);
  }

  @Test
  void refusesBoundsThatAreNone() {
    assertThatThrownBy(() -> new ScalingRule(0, 4)).hasMessageContaining("0, 4");
    assertThatThrownBy(() -> new ScalingRule(5, 4)).hasMessageContaining("5, 4");
  }
}
