package io.simmim.trainer.mixing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences are fixed, so bounds on what is random never flicker. */
class MixingConfigTest {
  private static final int SIZE = 224;
  private static final int BATCHES = 20_000;

  @Test
  void drawsTheSameForTheSameBatch() {
    MixingConfig config = new MixingConfig(0.8, 1, 1, 0.5);

    assertThat(config.draw(SIZE, random(3))).isEqualTo(config.draw(SIZE, random(3)));
    assertThat(config.draw(SIZE, random(3))).isNotEqualTo(config.draw(SIZE, random(4)));
  }

  /** Of a symmetric beta distribution: mean 1/2, variance 1 / (8 alpha + 4). */
  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.8, 1, 5})
  void drawsSharesOfMixupFromTheBetaDistribution(double alpha) {
    double[] shares =
        draw(new MixingConfig(alpha, 0, 1, 0.5)).stream().mapToDouble(BatchMix::share).toArray();

    double mean = IntStream.range(0, BATCHES).mapToDouble(i -> shares[i]).average().orElseThrow();
    double squares =
        IntStream.range(0, BATCHES)
            .mapToDouble(i -> (shares[i] - 0.5) * (shares[i] - 0.5))
            .average()
            .orElseThrow();
    assertThat(mean).isCloseTo(0.5, within(0.01));
    assertThat(squares * (8 * alpha + 4)).isCloseTo(1, within(0.03));
  }

  @Test
  void survivesSharesThatAreNothingOrAll() {
    assertThat(draw(new MixingConfig(1e-4, 0, 1, 0)))
        .allMatch(mix -> mix.share() >= 0 && mix.share() <= 1);
  }

  @Test
  void cutsRectanglesAroundPointsThatAreUniform() {
    List<BatchMix> mixes = draw(new MixingConfig(0, 1, 1, 0));

    assertThat(mixes)
        .allMatch(mix -> mix.top() >= 0 && mix.top() + mix.height() <= SIZE)
        .allMatch(mix -> mix.left() >= 0 && mix.left() + mix.width() <= SIZE)
        .allMatch(mix -> mix.share() == 1 - mix.height() * mix.width() / (double) (SIZE * SIZE));
    // A side r covers r - r * r / 4 of an axis on average; r * r is uniform here.
    assertThat(mixes.stream().mapToDouble(BatchMix::share).average().orElseThrow())
        .isCloseTo(1 - (1.0 / 2 - 1.0 / 5 + 1.0 / 48), within(0.006));
    assertThat(mixes.stream().filter(mix -> mix.left() == 0).count())
        .isCloseTo(
            mixes.stream().filter(mix -> mix.left() + mix.width() == SIZE).count(),
            within(BATCHES / 50L));
  }

  @Test
  void mixesWithTheProbabilityAndSwitchesWithTheOther() {
    List<BatchMix> mixes = draw(new MixingConfig(0.8, 1, 0.7, 0.3));

    long none = mixes.stream().filter(BatchMix.NONE::equals).count();
    long cut = mixes.stream().filter(mix -> mix.height() > 0 && mix.width() > 0).count();
    assertThat((double) none / BATCHES).isCloseTo(0.3, within(0.015));
    assertThat((double) cut / BATCHES).isCloseTo(0.7 * 0.3, within(0.015));
    assertThat(draw(new MixingConfig(0, 0, 1, 0.5))).allMatch(BatchMix.NONE::equals);
  }

  @Test
  void refusesWhatIsNoChanceAndNoAlpha() {
    assertThatThrownBy(() -> new MixingConfig(-1, 0, 1, 0.5))
        .hasMessage("finetune.mixup must be 0 to 1000: -1.0");
    assertThatThrownBy(() -> new MixingConfig(0, Double.NaN, 1, 0.5))
        .hasMessage("finetune.cutmix must be 0 to 1000: NaN");
    assertThatThrownBy(() -> new MixingConfig(0, 1, 2, 0.5))
        .hasMessage("finetune.mix-probability must be 0 to 1: 2.0");
    assertThatThrownBy(() -> new MixingConfig(0, 1, 1, -0.5))
        .hasMessage("finetune.cutmix-probability must be 0 to 1: -0.5");
  }

  private static List<BatchMix> draw(MixingConfig config) {
    return IntStream.range(0, BATCHES).mapToObj(i -> config.draw(SIZE, random(i))).toList();
  }

  private static Philox random(int batch) {
    return new Philox(9, Purpose.MIXING, 0, batch);
  }
}
