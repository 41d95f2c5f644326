package io.simmim.pipeline.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One direction of a chart.
 *
 * @param label what is measured, with its unit
 */
public record Axis(String label, Scale scale) {
  private static final int MOST_TICKS = 7;
  private static final int MOST_WHOLE_TICKS = 16;

  /** Of a tick's text, in letters: as many as have room in a small chart. */
  private static final int LONGEST_PLAIN = 7;

  /** Greater ones are nobody's measurements, and what lies between two of them may be no number. */
  private static final double GREATEST = 1e300;

  /** How values become places. */
  public enum Scale {
    LINEAR,
    /** Linear, and ends where the values do. */
    EXACT,
    /** Linear, and 0 is always shown. */
    FROM_ZERO,
    /** Linear, of numbers of things. */
    WHOLE,
    /** What is not above 0 has no place. */
    LOGARITHMIC
  }

  /**
   * What an axis shows.
   *
   * @param ticks values that are written, in ascending order
   */
  record Range(double lowest, double highest, List<BigDecimal> ticks, boolean logarithmic) {
    /** Where a value is, from 0 to 1. */
    double share(double value) {
      return logarithmic
          ? Math.log(value / lowest) / Math.log(highest / lowest)
          : (value - lowest) / (highest - lowest);
    }

    /** The ticks as text: all of them with powers of ten if some would be long without. */
    List<String> written() {
      List<String> plain =
          ticks.stream()
              .map(tick -> tick.signum() == 0 ? "0" : tick.stripTrailingZeros().toPlainString())
              .toList();
      if (longest(plain) <= LONGEST_PLAIN) {
        return plain;
      }
      List<String> powers = ticks.stream().map(Range::withPower).toList();
      return longest(powers) < longest(plain) ? powers : plain;
    }

    private static String withPower(BigDecimal tick) {
      if (tick.signum() == 0) {
        return "0";
      }
      BigDecimal digits = tick.stripTrailingZeros();
      int power = digits.precision() - digits.scale() - 1;
      return digits.scaleByPowerOfTen(-power).toPlainString() + "e" + power;
    }

    private static int longest(List<String> texts) {
      return texts.stream().mapToInt(String::length).max().orElse(0);
    }
  }

  /** Whether a value has a place. */
  boolean has(double value) {
    return Math.abs(value) <= GREATEST && (scale != Scale.LOGARITHMIC || value > 0);
  }

  /** A range of values that shows all that are given. */
  Range range(DoubleStream values) {
    double[] shown = values.filter(this::has).sorted().toArray();
    double least = shown.length == 0 ? 1 : shown[0];
    double most = shown.length == 0 ? 1 : shown[shown.length - 1];
    return switch (scale) {
      case LINEAR -> linear(least, most);
      case EXACT -> exact(least, most);
      case FROM_ZERO -> linear(Math.min(0, least), Math.max(0, most));
      case WHOLE -> whole(Math.floor(least), Math.ceil(most));
      case LOGARITHMIC -> logarithmic(least, most);
    };
  }

  private static Range linear(double least, double most) {
    double width = most > least ? most - least : Math.max(1, Math.abs(most));
    BigDecimal step = step(width / (MOST_TICKS - 1));
    BigDecimal first = new BigDecimal(least).divide(step, 0, RoundingMode.FLOOR).multiply(step);
    List<BigDecimal> ticks = new ArrayList<>(List.of(first));
    BigDecimal last = first;
    while (last.doubleValue() < most || ticks.size() < 2) {
      last = last.add(step);
      ticks.add(last);
    }
    return new Range(first.doubleValue(), last.doubleValue(), ticks, false);
  }

  private static Range exact(double least, double most) {
    Range wider = linear(least, most);
    if (least == most) {
      return wider;
    }
    List<BigDecimal> within =
        wider.ticks().stream()
            .filter(tick -> tick.doubleValue() >= least && tick.doubleValue() <= most)
            .toList();
    return new Range(least, most, within, false);
  }

  /** Half a step is left free at both ends. */
  private static Range whole(double least, double most) {
    BigDecimal step = step((most - least) / (MOST_WHOLE_TICKS - 1)).max(BigDecimal.ONE);
    List<BigDecimal> ticks = new ArrayList<>();
    BigDecimal tick = new BigDecimal(least).divide(step, 0, RoundingMode.CEILING).multiply(step);
    for (; tick.doubleValue() <= most; tick = tick.add(step)) {
      ticks.add(tick);
    }
    return new Range(least - 0.5, most + 0.5, ticks, false);
  }

  private static Range logarithmic(double least, double most) {
    List<BigDecimal> ticks = new ArrayList<>();
    int first = (int) Math.floor(Math.log10(least));
    int last = (int) Math.ceil(Math.log10(most));
    int[] ofDecade = last - first > 3 ? new int[] {1} : new int[] {1, 2, 5};
    for (int power = first; power <= last; power++) {
      for (int digit : ofDecade) {
        ticks.add(BigDecimal.valueOf(digit).scaleByPowerOfTen(power));
      }
    }
    while (ticks.size() > 2 && ticks.get(1).doubleValue() <= least) {
      ticks.remove(0);
    }
    while (ticks.size() > 2 && ticks.get(ticks.size() - 2).doubleValue() >= most) {
      ticks.remove(ticks.size() - 1);
    }
    double lowest = ticks.get(0).doubleValue();
    return new Range(lowest, ticks.get(ticks.size() - 1).doubleValue(), ticks, true);
  }

  /** The least of 1, 2, 5, 10 … that is not below a number, times any power of ten. */
  private static BigDecimal step(double least) {
    BigDecimal unit =
        BigDecimal.ONE.scaleByPowerOfTen((int) Math.floor(Math.log10(Math.max(least, 1e-300))));
    double digits = new BigDecimal(least).divide(unit, MathContext.DECIMAL64).doubleValue();
    int digit = digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10;
    return unit.multiply(BigDecimal.valueOf(digit));
  }
}
