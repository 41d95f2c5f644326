package io.simmim.trainer.loop;

import static io.simmim.trainer.operator.TestRuns.emptyChunk;
import static io.simmim.trainer.operator.TestRuns.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class RejectedImagesTest {
  private static final BatchPlan PLAN = new BatchPlan(2000, 2, 4, 3, 2);

  @Test
  void allowsTheMinimumHoweverFewImagesWereDrawn() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(2, 0.01));
    TensorChunk chunk = emptyChunk(0, rejected(1), rejected(2));
    images.record(chunk);

    assertThatCode(() -> images.requireWithinLimit(chunk)).doesNotThrowAnyException();
  }

  @Test
  void shareIsThatOfDifferentImagesDrawnSoFar() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(0, 0.01));
    TensorChunk early = emptyChunk(49, rejected(1), rejected(2));
    images.record(early);

    assertThatThrownBy(() -> images.requireWithinLimit(early))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "too many images cannot be used: 2 of 100 (2.00 %); allowed are 0 or");
    assertThatCode(() -> images.requireWithinLimit(emptyChunk(99))).doesNotThrowAnyException();
  }

  @Test
  void drawnImagesEndWithTheCatalog() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(0, 0.01));
    for (int i = 0; i < 21; i++) {
      images.record(emptyChunk(i, rejected(i)));
    }

    assertThatThrownBy(() -> images.requireWithinLimit(emptyChunk(1900)))
        .hasMessageStartingWith("too many images cannot be used: 21 of 2000 (1.05 %)")
        .hasMessageEndingWith("file:/images/9.jpg: not a JPEG");
  }

  /** Of what is compared: not of all images trained on, which are more with each epoch. */
  @Test
  void tellsHowNearTheLimitIs() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(2, 0.01));
    assertThat(images.shareOfAllowed(0)).isZero();

    images.record(emptyChunk(0, rejected(1)));
    assertThat(images.shareOfAllowed(0)).isEqualTo(0.5); // of the 2 that always are
    assertThat(images.shareOfAllowed(499)).isEqualTo(0.1); // of 1 % of 1000
    assertThat(images.shareOfAllowed(1999)).isEqualTo(0.05); // of 1 % of all 2000, drawn twice
  }

  @Test
  void reportsAnImageOnce() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(9, 0));

    assertThat(images.record(emptyChunk(0, rejected(7)))).containsExactly(rejected(7));
    assertThat(images.record(emptyChunk(9, rejected(7), rejected(3)))).containsExactly(rejected(3));
    assertThat(images.sampleIds()).containsExactly(3, 7);
    assertThat(images.count()).isEqualTo(2);
  }

  @Test
  void remembersAfterRestore() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(9, 0));
    images.restore(new long[] {3, 7}, List.of(rejected(7), rejected(3)));

    assertThat(images.record(emptyChunk(0, rejected(7)))).isEmpty();
    assertThat(images.first()).containsExactly(rejected(7), rejected(3));
  }

  @Test
  void doesNotCountWhatWentInAContinuousRun() {
    BatchPlan continuous = BatchPlan.continuous(10, 4, 3, 2);
    RejectedImages images = new RejectedImages(continuous, new RejectionLimit(1, 0));
    for (int i = 0; i < 100; i += 4) {
      TensorChunk chunk =
          emptyChunk(
              i,
              gone(i, RejectedImage.DELETED),
              gone(i + 1, RejectedImage.CHANGED + ": 7 bytes now"),
              gone(i + 2, RejectedImage.GONE_EARLY));
      assertThat(images.record(chunk)).hasSize(3);
      assertThatCode(() -> images.requireWithinLimit(chunk)).doesNotThrowAnyException();
    }
    images.record(emptyChunk(100, rejected(3)));
    RejectedImages restored = new RejectedImages(continuous, new RejectionLimit(1, 0));
    restored.restore(images.sampleIds(), images.first());

    for (RejectedImages each : List.of(images, restored)) {
      assertThat(each.count()).isEqualTo(76);
      assertThat(each.sampleIds()).hasSize(76).isSorted().endsWith(-2, -1, 3);
      assertThat(each.first()).containsExactly(rejected(3));
      assertThat(each.record(emptyChunk(101, gone(4, RejectedImage.DELETED), rejected(3))))
          .isEmpty();
      TensorChunk chunk = emptyChunk(102, rejected(7));
      each.record(chunk);
      assertThatThrownBy(() -> each.requireWithinLimit(chunk))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("too many images cannot be used: 2 of 206 (0.97 %)");
    }
  }

  @Test
  void countsWhatWentFromACatalog() {
    RejectedImages images = new RejectedImages(PLAN, new RejectionLimit(0, 0));
    TensorChunk chunk = emptyChunk(0, gone(1, RejectedImage.DELETED));
    images.record(chunk);

    assertThatThrownBy(() -> images.requireWithinLimit(chunk)).isInstanceOf(UserError.class);
    assertThat(images.sampleIds()).containsExactly(1);
  }

  private static RejectedImage gone(long id, String reason) {
    return new RejectedImage(id, "s3://b/" + id, reason);
  }
}
