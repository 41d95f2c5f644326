package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.FakeEnumeratorContext;
import io.simmim.operators.source.TestCatalogs;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.PendingChunks;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What these tests share. */
abstract class ChunkEnumeratorCase {
  static final int WINDOW = 4;

  /** 10 images, batch 6, chunks of 2: 3 chunks per epoch, 4 epochs, 12 chunks. */
  static final BatchPlan PLAN = new BatchPlan(10, 4, 6, 1, 2);

  @TempDir Path folder;
  CatalogReference catalog;
  FakeEnumeratorContext context;

  @BeforeEach
  void listImages() throws IOException {
    catalog = TestCatalogs.of(folder, 10);
  }

  /** The only reader fails with all that it had, and comes back. */
  void loseReader(SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) {
    List<ChunkSplit> held = List.copyOf(context.assigned.get(0));
    context.unregister(0);
    enumerator.addSplitsBack(held.stream().filter(split -> split.chunk() > 0).toList(), 0);
    context.assigned.remove(0);
    register(enumerator, 0, 0);
  }

  long pendingTold(int reader) {
    return context.events.get(reader).stream()
        .filter(PendingChunks.class::isInstance)
        .map(PendingChunks.class::cast)
        .reduce((earlier, later) -> later)
        .orElseThrow()
        .chunks();
  }

  void refuses(ChunkEnumeratorState state, String message) {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> refusing =
        source().restoreEnumerator(new FakeEnumeratorContext(1), state);
    assertThatThrownBy(refusing::start)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  static ChunkEnumeratorState.Progress progress(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) throws Exception {
    ChunkEnumeratorState state = enumerator.snapshotState(0);
    enumerator.notifyCheckpointAborted(0);
    return (ChunkEnumeratorState.Progress) state;
  }

  ChunkSource source() {
    FetchConfig defaults = FetchConfig.defaults();
    FetchConfig fetch =
        new FetchConfig(
            defaults.concurrency(),
            defaults.bytesInFlight(),
            defaults.maxObjectBytes(),
            defaults.attempts(),
            defaults.backoff(),
            defaults.timeout(),
            WINDOW);
    return new ChunkSource(
        new ListedImages(catalog, PLAN, 7, Shuffle.SAMPLE), fetch, SuspectConfig.NONE);
  }

  SplitEnumerator<ChunkSplit, ChunkEnumeratorState> started(int parallelism) {
    context = new FakeEnumeratorContext(parallelism);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator =
        source().createEnumerator(context);
    enumerator.start();
    return enumerator;
  }

  SplitEnumerator<ChunkSplit, ChunkEnumeratorState> running(int parallelism, int wanted) {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = started(parallelism);
    context.runAsyncCalls();
    for (int reader = 0; reader < parallelism; reader++) {
      register(enumerator, reader, wanted);
    }
    return enumerator;
  }

  void register(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator,
      int reader,
      int wanted,
      ChunkSplit... restored) {
    context.register(reader, List.of(restored));
    enumerator.addReader(reader);
    enumerator.handleSourceEvent(reader, new ChunkRequest(wanted));
  }

  void emit(SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator, long chunk) {
    int holder =
        context.assigned.keySet().stream()
            .filter(reader -> context.chunksOf(reader).contains(chunk))
            .findFirst()
            .orElseThrow();
    enumerator.handleSourceEvent(holder, new ChunkEmitted(chunk));
  }
}
