package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecayTest {
  /** 2 chunks per step. */
  private static final BatchPlan PLAN = BatchPlan.continuous(10, 4, 1, 2);

  private static final Optional<Decay> NONE = Optional.empty();
  private static final Optional<Decay> BEFORE = Optional.of(new Decay(10, 5));

  @TempDir private Path folder;

  private Optional<RestorePoint> after(long chunks) throws IOException {
    Path path = ContinuousCheckpoints.write(folder.resolve("chk-" + chunks), chunks, 1000);
    return Optional.of(RestorePoint.at(path.toString()));
  }

  @Test
  void startsWhereTheRunStands() throws IOException {
    assertThat(Decay.of(5, NONE, after(20), PLAN)).contains(new Decay(10, 5));
    assertThat(Decay.of(5, NONE, after(21), PLAN)).contains(new Decay(11, 5));
    assertThat(new Decay(11, 5).end()).isEqualTo(16);
  }

  @Test
  void isNotWantedUnlessAsked() throws IOException {
    assertThat(Decay.of(0, NONE, after(20), PLAN)).isEmpty();
    assertThat(Decay.of(0, NONE, Optional.empty(), PLAN)).isEmpty();
    assertThat(Decay.of(0, BEFORE, after(20), PLAN)).isEmpty();
  }

  @Test
  void goesOnAsItBegan() throws IOException {
    assertThat(Decay.of(5, BEFORE, after(21), PLAN)).isEqualTo(BEFORE);
    assertThat(Decay.of(0, BEFORE, after(30), PLAN)).isEqualTo(BEFORE);
    Optional<RestorePoint> within = after(24);
    assertThatThrownBy(() -> Decay.of(6, BEFORE, within, PLAN))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--decay-steps must be 5, as the run has been decaying since step 10 (--resume PATH of"
                + " an older savepoint goes back): 6");
  }

  @Test
  void mayBeChosenAnewFromAnOlderPoint() throws IOException {
    assertThat(Decay.of(7, BEFORE, after(20), PLAN)).contains(new Decay(10, 7));
    assertThat(Decay.of(7, BEFORE, after(8), PLAN)).contains(new Decay(4, 7));
  }

  @Test
  void needsARunToEnd() {
    assertThatThrownBy(() -> Decay.of(5, NONE, Optional.empty(), PLAN))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--decay-steps ends a continuous run, but there is no checkpoint of one to continue: 5");
  }
}
