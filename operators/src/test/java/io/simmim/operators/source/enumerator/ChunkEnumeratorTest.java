package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ChunkSplitSerializer;
import io.simmim.operators.source.split.ImagesRefused;
import io.simmim.operators.source.split.PendingChunks;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.split.StorageFailed;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.random.KeyedPermutation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

class ChunkEnumeratorTest extends ChunkEnumeratorCase {
  @Test
  void suspectsNothingThatWasOpenWhenStorageFailedUntilReadersAreThereAgain() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(1, 4);
    for (int outage = 0; outage < 3; outage++) {
      enumerator.handleSourceEvent(0, new StorageFailed());
      loseReader(enumerator);
      enumerator.handleSourceEvent(0, new ChunkRequest(4));
      assertThat(context.assigned.get(0)).noneMatch(ChunkSplit::suspect);
    }

    for (int death = 0; death < 2; death++) {
      loseReader(enumerator);
      enumerator.handleSourceEvent(0, new ChunkRequest(4));
    }
    assertThat(context.assigned.get(0)).allMatch(ChunkSplit::suspect);
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

  @Test
  void forgetsNoSuspectsAtACheckpointBeforeAReaderToldWhatItHolds() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(1, 100);
    for (int checkpoint = 1; checkpoint <= 2; checkpoint++) {
      List<ChunkSplit> held = loseReaderWhoseChunksTheCheckpointHas(enumerator);
      enumerator.snapshotState(checkpoint);
      register(enumerator, 0, 100, held.toArray(ChunkSplit[]::new));
      enumerator.notifyCheckpointComplete(checkpoint);
    }

    assertThat(context.assigned.get(0)).hasSize(WINDOW).allMatch(ChunkSplit::suspect);
  }

  @Test
  void forgetsNoSuspectsWhenTheLastChunksAreWithAReaderThatWasLost() throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = running(1, 100);
    for (long chunk = 0; chunk < 8; chunk++) {
      emit(enumerator, chunk);
    }
    for (int lost = 0; lost < 2; lost++) {
      List<ChunkSplit> held = loseReaderWhoseChunksTheCheckpointHas(enumerator);
      register(
          enumerator,
          0,
          100,
          held.stream().filter(split -> split.chunk() >= 8).toArray(ChunkSplit[]::new));
    }

    assertThat(context.chunksOf(0)).containsExactly(8L, 9L, 10L, 11L);
    assertThat(context.assigned.get(0)).allMatch(ChunkSplit::suspect);
  }

  private List<ChunkSplit> loseReaderWhoseChunksTheCheckpointHas(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) {
    List<ChunkSplit> held = context.assigned.remove(0);
    assertThat(held).noneMatch(ChunkSplit::suspect);
    context.unregister(0);
    enumerator.addSplitsBack(List.of(), 0);
    return held;
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
}
