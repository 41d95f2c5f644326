package io.simmim.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BatchPlanTest {
  @Test
  void dropsTheLastIncompleteBatchOfEachEpoch() {
    BatchPlan plan = new BatchPlan(107, 3, 8, 2, 4);

    assertThat(plan.globalBatch()).isEqualTo(16);
    assertThat(plan.stepsPerEpoch()).isEqualTo(6);
    assertThat(plan.totalSteps()).isEqualTo(18);
    assertThat(plan.chunksPerMicroBatch()).isEqualTo(2);
    assertThat(plan.chunksPerStep()).isEqualTo(4);
    assertThat(plan.chunksPerEpoch()).isEqualTo(24);
    assertThat(plan.totalChunks()).isEqualTo(72);
  }

  @Test
  void countsPositionsFromZeroInEachEpoch() {
    BatchPlan plan = new BatchPlan(107, 3, 8, 2, 4);

    assertThat(plan.epochOf(23)).isZero();
    assertThat(plan.firstPositionOf(23)).isEqualTo(92);
    assertThat(plan.epochOf(24)).isEqualTo(1);
    assertThat(plan.firstPositionOf(24)).isZero();
    assertThat(plan.epochOf(71)).isEqualTo(2);
  }

  @Test
  void refusesADataSetSmallerThanOneBatch() {
    assertThatThrownBy(() -> new BatchPlan(15, 1, 8, 2, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the data set has fewer images than one batch of 16 (training.micro-batch 8 x training.accumulation 2):"
                + " 15");
  }

  @Test
  void refusesChunksThatDoNotDivideTheMicroBatch() {
    assertThatThrownBy(() -> new BatchPlan(100, 1, 8, 1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training.chunk-images must divide training.micro-batch 8: 3");
  }

  @Test
  void countsEpochsOfARunWithoutEndInSteps() {
    BatchPlan plan = BatchPlan.continuous(10, 8, 2, 4);

    assertThat(plan.isContinuous()).isTrue();
    assertThat(plan.isEndless()).isTrue();
    assertThat(plan.stepsPerEpoch()).isEqualTo(10);
    assertThat(plan.chunksPerEpoch()).isEqualTo(40);
    assertThat(plan.epochOf(40)).isEqualTo(1);
    assertThat(plan.firstPositionOf(41)).isEqualTo(4);
    assertThat(plan.totalChunks()).isGreaterThan(1L << 40);
    assertThat(plan.drawnThrough(99)).isEqualTo(400);
  }

  @Test
  void endsAContinuousRunAfterItsSteps() {
    BatchPlan plan = BatchPlan.continuous(10, 8, 2, 4).endingAfter(25);

    assertThat(plan.isContinuous()).isTrue();
    assertThat(plan.isEndless()).isFalse();
    assertThat(plan.totalSteps()).isEqualTo(25);
    assertThat(plan.totalChunks()).isEqualTo(100);
    assertThatThrownBy(() -> plan.endingAfter(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("steps of a run must be from 1 to 1099511627776: 0");
  }

  @Test
  void drawsNoMoreThanTheImagesOfACatalog() {
    BatchPlan plan = new BatchPlan(107, 3, 8, 2, 4);

    assertThat(plan.isContinuous()).isFalse();
    assertThat(plan.isEndless()).isFalse();
    assertThat(plan.drawnThrough(0)).isEqualTo(4);
    assertThat(plan.drawnThrough(71)).isEqualTo(107);
  }
}
