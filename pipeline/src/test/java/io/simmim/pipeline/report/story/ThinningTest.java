package io.simmim.pipeline.report.story;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThinningTest {
  @Test
  void keepsEachOfFewNumbers() {
    Thinning thinning = new Thinning();
    for (int step = 5; step < 10; step++) {
      thinning.add(step, step * 10);
    }

    Thinned numbers = thinning.result();

    assertThat(numbers.width()).isOne();
    assertThat(numbers.columns())
        .extracting(Thinned.Column::most)
        .containsExactly(50d, 60d, 70d, 80d, 90d);
    assertThat(numbers.columns())
        .extracting(Thinned.Column::leastAt)
        .containsExactly(5L, 6L, 7L, 8L, 9L);
    assertThat(numbers.last()).isEqualTo(90);
  }

  @Test
  void keepsExtremesOfManyNumbers() {
    Thinning thinning = new Thinning();
    long steps = 1_000_003;
    for (long step = 1; step <= steps; step++) {
      thinning.add(step, step == 777_777 ? 99 : step == 123_456 ? -99 : 1);
    }

    Thinned numbers = thinning.result();

    assertThat(numbers.columns()).hasSizeBetween(256, Thinning.MOST_COLUMNS);
    assertThat(numbers.width()).isEqualTo(2048);
    assertThat(numbers.most()).isEqualTo(99);
    assertThat(numbers.least()).isEqualTo(-99);
    assertThat(numbers.columns())
        .anySatisfy(column -> assertThat(column.mostAt()).isEqualTo(777_777))
        .anySatisfy(column -> assertThat(column.leastAt()).isEqualTo(123_456));
    assertThat(numbers.columns().stream().mapToLong(Thinned.Column::count).sum()).isEqualTo(steps);
  }

  @Test
  void countsWhatIsNoNumber() {
    Thinning thinning = new Thinning();
    thinning.add(1, 2);
    thinning.add(2, Double.NaN);
    thinning.add(3, Double.POSITIVE_INFINITY);

    Thinned numbers = thinning.result();

    assertThat(numbers.notNumbers()).isEqualTo(2);
    assertThat(numbers.firstNotNumber()).isEqualTo(2);
    assertThat(numbers.columns()).hasSize(1);
  }

  /** A line that somebody wrote must not cost memory or time. */
  @Test
  void bearsGreatDistances() {
    Thinning thinning = new Thinning();
    thinning.add(1, 1);
    thinning.add(Long.MAX_VALUE, 2);

    assertThat(thinning.result().columns()).hasSize(2);
  }

  @Test
  void smoothsWithoutLag() {
    Thinning thinning = new Thinning();
    for (int step = 1; step <= 9; step++) {
      thinning.add(step, step % 2 == 0 ? step + 1 : step - 1);
    }

    double[] means = thinning.result().smoothed(2);

    assertThat(means).hasSize(9);
    assertThat(means[0]).isZero();
    assertThat(means[4]).isEqualTo((2 + 5 + 4 + 7 + 6) / 5d);
  }
}
