package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.PlanState;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceCheckpointTest {
  private static final ArrivalLogReference LOG =
      new ArrivalLogReference("file:/l", 1024, "b".repeat(64));

  private static final String CATALOG_DIGEST = "a".repeat(64);

  private static final ChunkEnumeratorState CONTINUOUS =
      new ChunkEnumeratorState.Progress(
          new PlanState.Arriving(
              Optional.of(LOG), new ArrivalLogHeader(9, 0.5, 2, 6), 4, 3, "", Map.of()),
          17,
          List.of(),
          Map.of(),
          9);

  /** As Flink's coordinator of a source stores it. */
  private static byte[] stored(int version, ChunkEnumeratorState state) throws IOException {
    byte[] bytes = new ChunkEnumeratorStateSerializer().serialize(state);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(stored);
    out.writeInt(1);
    out.writeInt(version);
    out.writeInt(bytes.length);
    out.write(bytes);
    return stored.toByteArray();
  }

  @Test
  void tellsOfBothKindsOfRun() throws IOException {
    ChunkEnumeratorState finite =
        new ChunkEnumeratorState.Progress(
            new PlanState.Listed(
                1,
                Shuffle.SAMPLE,
                new CatalogReference("file:/c", CATALOG_DIGEST, 100),
                new BatchPlan(100, 5, 4, 3, 2)),
            5,
            List.of(),
            Map.of(),
            0);

    assertThat(SourceCheckpoint.parse(stored(7, finite)))
        .isEqualTo(new SourceCheckpoint(5, Optional.of(CATALOG_DIGEST), Optional.empty(), 0));
    assertThat(SourceCheckpoint.parse(stored(7, CONTINUOUS)))
        .isEqualTo(new SourceCheckpoint(17, Optional.empty(), Optional.of(LOG), 9));
  }

  @Test
  void refusesWhatIsNoState() throws IOException {
    byte[] good = stored(7, CONTINUOUS);
    for (int length = 0; length < good.length; length++) {
      byte[] truncated = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> SourceCheckpoint.parse(truncated))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("the state of the source is unreadable: ")
          .hasMessageNotContaining("null");
    }
    byte[] later = stored(8, CONTINUOUS);
    assertThatThrownBy(() -> SourceCheckpoint.parse(later))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the state of the source is unreadable: format version 8; this build reads versions 5 to 7");
    good[8] = 0x7F;
    assertThatThrownBy(() -> SourceCheckpoint.parse(good))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the state of the source is unreadable: %d bytes cannot follow",
            0x7F000000 + good.length - 3 * Integer.BYTES);
  }

  @Test
  void roundsStepsUp() {
    BatchPlan plan = BatchPlan.continuous(10, 4, 3, 2);

    assertThat(SourceCheckpoint.steps(0, plan)).isZero();
    assertThat(SourceCheckpoint.steps(1, plan)).isEqualTo(1);
    assertThat(SourceCheckpoint.steps(6, plan)).isEqualTo(1);
    assertThat(SourceCheckpoint.steps(7, plan)).isEqualTo(2);
  }
}
