package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.FakeEnumeratorContext;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.junit.jupiter.api.Test;

class ChunkEnumeratorRecoveryTest extends ChunkEnumeratorCase {
  @Test
  void handsOutAgainWhatFailedReadersLostOrRestored() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 2);
    emit(enumerator, 2);
    ChunkSplit checkpointed = context.assigned.get(0).get(0);
    ChunkSplit later = context.assigned.get(0).get(1);
    ChunkSplit last = context.assigned.get(1).get(1);
    assertThat(List.of(checkpointed.chunk(), later.chunk(), last.chunk()))
        .containsExactly(0L, 1L, 3L);

    context.unregister(0);
    context.unregister(1);
    context.assigned.clear();
    context.events.clear();
    enumerator.addSplitsBack(List.of(later), 0);
    enumerator.addSplitsBack(List.of(last), 1);
    register(enumerator, 1, 2);
    assertThat(context.chunks()).isEmpty();
    register(enumerator, 0, 2, checkpointed);

    assertThat(context.chunks()).containsExactly(0L, 1L, 3L);
    assertThat(context.events.get(0)).filteredOn(CatalogRoots.class::isInstance).hasSize(1);
    assertThat(context.events.get(1)).filteredOn(CatalogRoots.class::isInstance).hasSize(1);
  }

  @Test
  void servesWhatComesBackAfterReadersWereFinished() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 100);
    for (long chunk = 0; chunk < 12; chunk++) {
      emit(enumerator, chunk);
    }
    List<ChunkSplit> lost = List.copyOf(context.assigned.get(1));
    context.unregister(1);
    enumerator.addSplitsBack(lost, 1);
    context.register(1, List.of());
    enumerator.addReader(1);
    enumerator.handleSourceEvent(1, new ChunkRequest(100));
    while (!context.finished.contains(1)) {
      for (ChunkSplit split : List.copyOf(context.assigned.get(1))) {
        enumerator.handleSourceEvent(1, new ChunkEmitted(split.chunk()));
      }
    }

    assertThat(context.assigned.get(1)).containsExactlyElementsOf(lost);
    assertThat(context.finished).containsExactly(0, 1);
  }

  @Test
  void ignoresReportsOfChunksThatTheReaderDoesNotHold() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(1, 2);
    enumerator.handleSourceEvent(0, new ChunkEmitted(9));

    assertThat(context.chunks()).containsExactly(0L, 1L);
  }

  @Test
  void continuesFromItsStateAtAnotherParallelism() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = running(1, 3);
    emit(before, 0);
    emit(before, 1);
    ChunkEnumeratorState.Progress state = progress(before);
    assertThat(state.nextChunk()).isEqualTo(5);
    List<ChunkSplit> held = context.assigned.get(0).subList(2, 5);

    context = new FakeEnumeratorContext(3);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> after =
        source().restoreEnumerator(context, state);
    after.start();
    context.runAsyncCalls();
    register(after, 0, 2, held.get(2));
    register(after, 1, 2);
    assertThat(context.chunks()).isEmpty();
    assertThat(progress(after).returned()).containsExactly(4L);
    register(after, 2, 2, held.get(0), held.get(1));

    assertThat(context.chunks()).containsExactly(2L, 3L, 4L, 5L);
    assertThat(progress(after).returned()).isEmpty();
    assertThat(progress(after).nextChunk()).isEqualTo(6);
  }

  @Test
  void sendsNothingToAReaderThatTheBarrierHasNotPassed() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 2);
    enumerator.snapshotState(7);
    emit(enumerator, 0);
    emit(enumerator, 2);
    assertThat(context.chunks()).hasSize(4);
    enumerator.handleSourceEvent(0, new BarrierPassed(6));
    assertThat(context.chunks()).hasSize(4);
    enumerator.handleSourceEvent(1, new BarrierPassed(7));
    assertThat(context.chunksOf(1)).containsExactly(2L, 3L, 4L);
    enumerator.notifyCheckpointAborted(7);

    assertThat(context.chunksOf(0)).containsExactly(0L, 1L);
    emit(enumerator, 1);
    assertThat(context.chunksOf(0)).containsExactly(0L, 1L, 5L, 6L);
  }

  @Test
  void sendsNothingToReadersThatEndAfterASavepoint() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 2);
    enumerator.snapshotState(7);
    emit(enumerator, 0);
    enumerator.notifyCheckpointComplete(7);
    emit(enumerator, 1);
    assertThat(context.chunks()).hasSize(4);

    enumerator.handleSourceEvent(0, new BarrierPassed(7));
    assertThat(context.chunks()).hasSizeGreaterThan(4);
  }

  @Test
  void refusesTheStateOfAnotherRun() {
    CatalogReference other = new CatalogReference("file:/x", "0".repeat(64), 10);
    ChunkEnumeratorState state =
        ChunkEnumeratorState.Progress.start(
            new PlanState.Listed(8, Shuffle.BLOCK, other, new BatchPlan(10, 5, 6, 1, 3)));

    refuses(
        state,
        "cannot resume: the checkpoint was made with catalog digest %s, not %s, seed 8, not 7, shuffle block, not sample, epochs 5, not 4, chunk-images 3, not 2"
            .formatted("0".repeat(64), catalog.digest()));
    refuses(
        new ChunkEnumeratorState.Unreadable("3 bytes too many"),
        "cannot resume: the state of the source is unreadable: 3 bytes too many");
    refuses(
        ChunkEnumeratorState.Progress.start(
            new PlanState.Arriving(
                Optional.empty(), new ArrivalLogHeader(7, 0.5, 2, 3), 6, 1, "", Map.of())),
        "cannot resume: the checkpoint is one of a continuous run (--follow, --events)");
  }
}
