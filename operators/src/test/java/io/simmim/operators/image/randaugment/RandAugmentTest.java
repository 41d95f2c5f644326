package io.simmim.operators.image.randaugment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.crop.InterpolationChoice;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences are fixed, so bounds on what is random never flicker. */
class RandAugmentTest {
  private static final int IMAGES = 20_000;

  @Test
  void drawsTheSameForTheSameImageAlways() {
    RandAugment first = parse("rand-m9-mstd0.5-inc1");
    RandAugment second = parse("rand-inc1-mstd0.5-m9");

    for (int position = 0; position < 100; position++) {
      assertThat(first.draw(random(3, position))).isEqualTo(second.draw(random(3, position)));
    }
    assertThat(first.draw(random(3, 5))).isNotEqualTo(first.draw(random(4, 5)));
    assertThat(first.draw(random(3, 5))).isNotEqualTo(first.draw(random(3, 6)));
  }

  @Test
  void choosesEachOfFifteenOperationsAlikeAndAppliesHalfOfTwo() {
    List<PixelOperation> drawn = all("rand-m9-mstd0.5-inc1");

    assertThat((double) drawn.size() / IMAGES).isCloseTo(1, within(0.02));
    Map<OperationType, Long> counts = counts(drawn, PixelOperation::type);
    assertThat(counts).hasSize(15);
    assertThat(counts.values())
        .allSatisfy(count -> assertThat(count * 15.0 / drawn.size()).isCloseTo(1, within(0.12)));
    assertThat(counts.keySet())
        .contains(OperationType.COLOR_INCREASING)
        .doesNotContain(OperationType.COLOR);
  }

  @Test
  void variesMagnitudesAroundTheGivenOneAndCutsThem() {
    double[] degrees =
        all("rand-m9-mstd0.5-inc1").stream()
            .filter(operation -> operation.type() == OperationType.ROTATE)
            .mapToDouble(PixelOperation::argument)
            .toArray();

    double sum = 0;
    double squares = 0;
    int negative = 0;
    int cut = 0;
    for (double degree : degrees) {
      double magnitude = Math.abs(degree) / 3;
      sum += magnitude;
      squares += magnitude * magnitude;
      negative += degree < 0 ? 1 : 0;
      cut += magnitude == 10 ? 1 : 0;
    }
    double mean = sum / degrees.length;
    // Normal around 9 with a deviation of 0.5, cut at 10, which is two deviations above.
    assertThat(mean).isCloseTo(9 - 0.5 * 0.0085, within(0.06));
    assertThat(Math.sqrt(squares / degrees.length - mean * mean)).isCloseTo(0.49, within(0.03));
    assertThat((double) cut / degrees.length).isCloseTo(0.0228, within(0.013));
    assertThat((double) negative / degrees.length).isCloseTo(0.5, within(0.05));
  }

  @Test
  void takesMagnitudesAsTheyAreWithoutADeviation() {
    assertThat(arguments("rand-m6-p1", OperationType.SHEAR_X)).containsOnly(0.18, -0.18);
    assertThat(arguments("rand-m60-p1", OperationType.SHEAR_X)).containsOnly(0.3, -0.3);
    assertThat(arguments("rand-m60-mmax20-p1", OperationType.SHEAR_X)).containsOnly(0.6, -0.6);
    assertThat(arguments("rand-p1", OperationType.COLOR)).containsOnly(1.9000000000000001);
  }

  @Test
  void drawsMagnitudesUniformlyAboveADeviationOfHundred() {
    List<Double> levels = arguments("rand-m10-p1-mstd101", OperationType.SHEAR_Y);

    assertThat(levels.stream().mapToDouble(Math::abs).average().orElseThrow())
        .isCloseTo(0.15, within(0.01));
    assertThat(levels.stream().mapToDouble(Math::abs).min().orElseThrow()).isLessThan(0.01);
  }

  @Test
  void drawsWeightedOperationsOnceEach() {
    RandAugment weighted = parse("rand-m9-n4-p1-inc1-tweights");
    List<PixelOperation> drawn = new ArrayList<>();
    List<PixelOperation> second = new ArrayList<>();
    for (int position = 0; position < IMAGES; position++) {
      List<PixelOperation> operations = weighted.draw(random(0, position));
      assertThat(operations).hasSize(4);
      assertThat(new HashSet<>(types(operations))).hasSize(4);
      drawn.add(operations.get(0));
      second.add(operations.get(1));
    }
    Map<OperationType, Long> counts = counts(drawn, PixelOperation::type);
    double all = 3 + 2 + 2 + 1 + 1 + 3 * 0.25 + 7 * 0.05;

    assertThat(share(counts, OperationType.ROTATE)).isCloseTo(3 / all, within(0.01));
    assertThat(share(counts, OperationType.SHEAR_Y)).isCloseTo(2 / all, within(0.01));
    assertThat(share(counts, OperationType.AUTO_CONTRAST)).isCloseTo(0.25 / all, within(0.004));
    assertThat(share(counts, OperationType.INVERT)).isCloseTo(0.05 / all, within(0.002));

    // After each of the others, it is one of what is left.
    double afterOthers =
        3 / (all - 3)
            + 2 * 2 / (all - 2)
            + 1 / (all - 1)
            + 3 * 0.25 / (all - 0.25)
            + 7 * 0.05 / (all - 0.05);
    assertThat(share(counts(second, PixelOperation::type), OperationType.TRANSLATE_Y_REL))
        .isCloseTo(afterOthers / all, within(0.01));
  }

  @Test
  void neverDrawsWhatHasNoWeight() {
    Map<OperationType, Long> counts = counts(all("rand-n13-p1-w0"), PixelOperation::type);

    assertThat(counts)
        .hasSize(13)
        .doesNotContainKeys(OperationType.POSTERIZE, OperationType.INVERT)
        .allSatisfy((type, count) -> assertThat(count).isEqualTo(IMAGES));
  }

  @Test
  void interpolatesAsItIsTold() {
    Map<Interpolation, Long> random =
        counts(
            all(RandAugment.parse("rand-p1", InterpolationChoice.RANDOM)),
            PixelOperation::interpolation);

    assertThat(random.get(Interpolation.BILINEAR) / (2.0 * IMAGES)).isCloseTo(0.5, within(0.01));
    assertThat(all("rand-p1"))
        .allMatch(operation -> operation.interpolation() == Interpolation.BICUBIC);
  }

  @ParameterizedTest
  @CsvSource({
    "rand-m9-x3, x3",
    "rand-m9.5, m9.5",
    "rand-m101, m101",
    "rand-n0, n0",
    "rand-m9-mstd, mstd",
    "rand-p1.5, p1.5",
    "rand-mstdinf, mstdinf",
    "rand-inc2, inc2",
    "rand-w1, w1",
    "rand-t3a, t3a",
    "rand-m9-m9, m9",
    "rand-w0-tweights, tweights",
    "rand-mmax0, mmax0",
    "rand--m9, ''",
    "rand-m-9, m",
    "augmix-m5, augmix",
    "'', ''",
  })
  void refusesWhatIsNotKnown(String text, String part) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "finetune.rand-augment must be none, or rand and sections m0 to m100, n1 to n16, p0 to p1, mstd0 to"
                + " mstd1000, mmax1 to mmax100, inc0, inc1, w0 or tweights, each once, after"
                + " hyphens: \"%s\" in \"%s\"",
            part, text);
  }

  @Test
  void refusesMoreOperationsThanHaveAWeight() {
    assertThatThrownBy(() -> parse("rand-n14-w0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("finetune.rand-augment must have at most n13 with these weights: rand-n14-w0");
    assertThat(parse("rand-n15-tweights").draw(random(0, 0))).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rand", "rand-m0", "rand-n16", "rand-p0.25-mmax30", "rand-inc0-w0"})
  void readsWhatIsLeftToDefaults(String text) {
    assertThat(parse(text)).isNotNull();
  }

  private static RandAugment parse(String text) {
    return RandAugment.parse(text, InterpolationChoice.BICUBIC);
  }

  private static Philox random(int epoch, int position) {
    return new Philox(7, Purpose.RAND_AUGMENT, epoch, position);
  }

  private static List<PixelOperation> all(String text) {
    return all(parse(text));
  }

  private static List<PixelOperation> all(RandAugment augment) {
    List<PixelOperation> drawn = new ArrayList<>();
    for (int position = 0; position < IMAGES; position++) {
      drawn.addAll(augment.draw(random(0, position)));
    }
    return drawn;
  }

  private static List<Double> arguments(String text, OperationType type) {
    return all(text).stream()
        .filter(operation -> operation.type() == type)
        .map(PixelOperation::argument)
        .toList();
  }

  private static List<OperationType> types(List<PixelOperation> operations) {
    return operations.stream().map(PixelOperation::type).toList();
  }

  private static double share(Map<OperationType, Long> counts, OperationType type) {
    return (double) counts.get(type) / IMAGES;
  }

  private static <T> Map<T, Long> counts(
      List<PixelOperation> operations, Function<PixelOperation, T> property) {
    return operations.stream().collect(Collectors.groupingBy(property, Collectors.counting()));
  }
}
