package io.simmim.schemas.histogram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HistogramBucketsTest {
  @Test
  void growByATenthOnBothSidesOfZero() {
    int zero = HistogramBuckets.count() / 2;

    assertThat(HistogramBuckets.count()).isEqualTo(1551);
    assertThat(HistogramBuckets.limit(zero)).isZero();
    assertThat(HistogramBuckets.limit(zero + 1)).isEqualTo(1e-12);
    assertThat(HistogramBuckets.limit(zero + 2)).isEqualTo(1.1e-12, within(1e-27));
    assertThat(HistogramBuckets.limit(HistogramBuckets.count() - 2)).isBetween(0.9e20, 1e20);
    for (int i = 0; i <= zero; i++) {
      assertThat(HistogramBuckets.limit(zero - i)).isEqualTo(-HistogramBuckets.limit(zero + i));
    }
    assertThat(HistogramBuckets.limit(HistogramBuckets.count() - 1)).isEqualTo(Double.MAX_VALUE);
  }

  @Test
  void floatsAreBelowTheFloatLimitWhereTheyAreBelowTheLimit() {
    float[] limits = HistogramBuckets.floatLimits();

    for (int i = 0; i < limits.length; i++) {
      float near = limits[i];
      for (float value : new float[] {Math.nextDown(near), near, Math.nextUp(near)}) {
        if (Float.isFinite(value)) {
          assertThat(value < near)
              .as("%s and bucket %d", value, i)
              .isEqualTo(value < HistogramBuckets.limit(i));
        }
      }
    }
  }
}
