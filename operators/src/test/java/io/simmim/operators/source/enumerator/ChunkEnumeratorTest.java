package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.FakeEnumeratorContext;
import io.simmim.operators.source.TestCatalogs;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ChunkSplitSerializer;
import io.simmim.operators.source.split.ImagesRefused;
import io.simmim.operators.source.split.PendingChunks;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.random.KeyedPermutation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkEnumeratorTest {
  private static final int WINDOW = 4;

  /** 10 images, batch 6, chunks of 2: 3 chunks per epoch, 4 epochs, 12 chunks. */
  private static final BatchPlan PLAN = new BatchPlan(10, 4, 6, 1, 2);

  @TempDir Path folder;
  private CatalogReference catalog;
  private FakeEnumeratorContext context;

  @BeforeEach
  void listImages() throws IOException {
    catalog = TestCatalogs.of(folder, 10);
  }

  @Test
  void handsOutNothingBeforeTheCatalogIsLoadedAndEveryReaderRegistered() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = started(2);
    register(enumerator, 0, 3);
    assertThat(context.chunks()).isEmpty();
    context.runAsyncCalls();
    assertThat(context.chunks()).isEmpty();
    register(enumerator, 1, 3);

    assertThat(context.chunksOf(0)).isEqualTo(List.of(0L, 1L, 2L));
    assertThat(context.chunksOf(1)).containsExactly(3L);
    assertThat(context.events.get(0))
        .containsExactly(
            new CatalogRoots(List.of("file:" + folder + "/input")), new PendingChunks(5));
    assertThat(context.events.get(1)).last().isEqualTo(new PendingChunks(4));
  }

  @Test
  void neverRunsAheadOfTheSlowestOpenChunk() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 100);
    assertThat(context.chunks()).containsExactly(0L, 1L, 2L, 3L);

    enumerator.handleSourceEvent(0, new ChunkEmitted(2));
    assertThat(context.chunks()).hasSize(4);
    int holderOfZero = context.chunksOf(0).contains(0L) ? 0 : 1;
    int holderOfOne = context.chunksOf(0).contains(1L) ? 0 : 1;
    enumerator.handleSourceEvent(holderOfOne, new ChunkEmitted(1));
    assertThat(context.chunks()).hasSize(4);
    enumerator.handleSourceEvent(holderOfZero, new ChunkEmitted(0));

    assertThat(context.chunks()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void plansImagesByPositionAlone() throws Exception {
    running(1, 100);
    ChunkSplit split = context.assigned.get(0).get(3);
    KeyedPermutation order = new KeyedPermutation(7, 1, 10);
    Catalog images = Catalog.read(catalog);

    assertThat(split.epoch()).isEqualTo(1);
    assertThat(split.firstPosition()).isZero();
    assertThat(split.images())
        .containsExactly(images.ref(order.imageAt(0)), images.ref(order.imageAt(1)));
  }

  @Test
  void finishesReadersOnlyWhenEveryChunkIsEmitted() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 100);
    for (long chunk = 0; chunk < 11; chunk++) {
      emit(enumerator, chunk);
    }
    assertThat(context.chunks()).hasSize(12);
    assertThat(context.finished).isEmpty();
    emit(enumerator, 11);

    assertThat(context.finished).containsExactly(0, 1);
  }

  @Test
  void handsNothingElseOutUntilSuspectsAreTriedAndThenWithoutTheRefusedImages() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(1, 100);
    emit(enumerator, 0);
    loseReader(enumerator);
    enumerator.handleSourceEvent(0, new ChunkRequest(100));
    assertThat(context.assigned.get(0)).noneMatch(ChunkSplit::suspect);
    loseReader(enumerator);
    enumerator.handleSourceEvent(0, new ChunkRequest(100));
    List<ChunkSplit> assigned = context.assigned.get(0);
    assertThat(context.chunksOf(0)).containsExactly(1L, 2L, 3L, 4L);
    assertThat(assigned).allMatch(ChunkSplit::suspect);

    long bad = new KeyedPermutation(7, 2, 10).imageAt(0); // in chunk 6
    enumerator.handleSourceEvent(0, new ImagesRefused(Map.of(bad, "ends the process")));
    for (long chunk = 1; chunk < 4; chunk++) {
      emit(enumerator, chunk);
      assertThat(context.chunksOf(0)).hasSize(4);
    }
    emit(enumerator, 4);

    assertThat(context.chunksOf(0)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    assertThat(assigned.subList(4, 8)).noneMatch(ChunkSplit::suspect);
    assertThat(
            assigned.subList(4, 8).stream()
                .flatMap(split -> split.images().stream())
                .filter(image -> !image.problem().isEmpty())
                .map(ImageRef::sampleId))
        .containsOnly(bad);
    assertThat(progress(enumerator).refused()).isEqualTo(Map.of(bad, "ends the process"));
  }

  /** The only reader fails with all that it had, and comes back. */
  private void loseReader(SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) {
    List<ChunkSplit> held = List.copyOf(context.assigned.get(0));
    context.unregister(0);
    enumerator.addSplitsBack(held.stream().filter(split -> split.chunk() > 0).toList(), 0);
    context.assigned.remove(0);
    register(enumerator, 0, 0);
  }

  @Test
  void tellsEveryReaderWhenNothingWaitsAnyMore() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(2, 2);
    assertThat(pendingTold(0)).isPositive();
    for (long chunk = 0; chunk < 8; chunk++) {
      emit(enumerator, chunk);
    }

    assertThat(context.chunks()).hasSize(12);
    assertThat(pendingTold(0)).isZero();
    assertThat(pendingTold(1)).isZero();
  }

  private long pendingTold(int reader) {
    return context.events.get(reader).stream()
        .filter(PendingChunks.class::isInstance)
        .map(PendingChunks.class::cast)
        .reduce((earlier, later) -> later)
        .orElseThrow()
        .chunks();
  }

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

  private void refuses(ChunkEnumeratorState state, String message) {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> refusing =
        source().restoreEnumerator(new FakeEnumeratorContext(1), state);
    assertThatThrownBy(refusing::start)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  @Test
  void endsTheJobWhenTheCatalogIsDamaged() throws Exception {
    Path file = folder.resolve("images.catalog");
    byte[] bytes = Files.readAllBytes(file);
    bytes[60] ^= 1;
    Files.write(file, bytes);
    started(1);

    assertThatThrownBy(context::runAsyncCalls)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("catalog file:" + file + " is damaged: its content has digest ");
  }

  @Test
  void refusesAPlanOfAnotherCatalog() {
    assertThatThrownBy(
            () -> new ListedImages(catalog, new BatchPlan(11, 4, 6, 1, 2), 7, Shuffle.SAMPLE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the plan must cover the 10 images of the catalog: 11");
  }

  @Test
  void keepsSplitsSmallUntilTheyAreSent() throws Exception {
    running(1, 100);
    ChunkSplit split = context.assigned.get(0).get(0);
    ChunkSplitSerializer serializer = new ChunkSplitSerializer();
    ChunkSplit sent = serializer.deserialize(serializer.getVersion(), serializer.serialize(split));

    assertThat(split.images()).isNotInstanceOf(ArrayList.class);
    assertThat(sent.images()).isEqualTo(split.images()).hasSize(2);
    assertThat(sent.images().get(0)).isInstanceOf(ImageRef.class);
  }

  private static ChunkEnumeratorState.Progress progress(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) throws Exception {
    ChunkEnumeratorState state = enumerator.snapshotState(0);
    enumerator.notifyCheckpointAborted(0);
    return (ChunkEnumeratorState.Progress) state;
  }

  private ChunkSource source() {
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

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> started(int parallelism) {
    context = new FakeEnumeratorContext(parallelism);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator =
        source().createEnumerator(context);
    enumerator.start();
    return enumerator;
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> running(int parallelism, int wanted) {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = started(parallelism);
    context.runAsyncCalls();
    for (int reader = 0; reader < parallelism; reader++) {
      register(enumerator, reader, wanted);
    }
    return enumerator;
  }

  private void register(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator,
      int reader,
      int wanted,
      ChunkSplit... restored) {
    context.register(reader, List.of(restored));
    enumerator.addReader(reader);
    enumerator.handleSourceEvent(reader, new ChunkRequest(wanted));
  }

  private void emit(SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator, long chunk) {
    int holder =
        context.assigned.keySet().stream()
            .filter(reader -> context.chunksOf(reader).contains(chunk))
            .findFirst()
            .orElseThrow();
    enumerator.handleSourceEvent(holder, new ChunkEmitted(chunk));
  }
}
