package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.tar.TestShard;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.PlanState;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

class ArrivingImagesResumeTest extends ArrivingImagesCase {
  @Test
  void indexesNoShardAgainAfterARestart() throws Exception {
    for (int i = 0; i < 20; i++) {
      new TestShard().file("a.jpg", new byte[700]).write(input.resolve(i + ".tar"));
    }
    ChunkSource source = source(config("flaky:" + input, FOLLOW, null, WhenIdle.WAIT), PLAN);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source);
    awaitChunks(18);
    ChunkEnumeratorState state = checkpoint(before, 1);
    before.close();
    FlakyFileSystem.reset();
    ChunkSplit[] held = context.assigned.get(0).toArray(ChunkSplit[]::new);
    new TestShard().file("b.jpg", new byte[700]).write(input.resolve("new.tar"));
    restore(source, state, held);
    awaitChunks(19);

    assertThat(FlakyFileSystem.opens()).isEqualTo(1);
  }

  @Test
  void continuesFromACheckpointWithTheSameImages() throws Exception {
    arrive(6);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source());
    awaitChunks(4);
    ChunkEnumeratorState.Progress state = checkpoint(before, 1);
    arrive(1);
    awaitChunks(5);
    before.close();
    List<List<ImageRef>> expected = chunks().subList(0, 5);
    ChunkSplit[] held = context.assigned.get(0).subList(0, 5).toArray(ChunkSplit[]::new);
    assertThat(state.nextChunk()).isEqualTo(5);

    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> after = restore(source(), state, held);
    awaitChunks(5);
    assertThat(chunks().subList(0, 5)).isEqualTo(expected);
    arrive(1);
    awaitChunks(6);
    assertThat(chunks().get(5).get(0).sampleId()).isEqualTo(6);
    assertThat(chunks().get(6).get(0).sampleId()).isEqualTo(7);
    assertThat(checkpoint(after, 2).nextChunk()).isEqualTo(7);
  }

  /** Whatever the checkpoint tells that it goes on from. */
  @Test
  void tellsWhichOfTheStartsItIs() throws Exception {
    ChunkEnumeratorState.Progress state = state(Optional.empty(), 0.5, TOPIC);
    ChunkSource source = source(config(null, TOPIC, WhenIdle.WAIT), PLAN);

    ChunkEnumeratorState.Progress third = snapshotBeforeLoading(source.ofStart(3), state);

    assertThat(third.startNumber()).isEqualTo(3);
    assertThat(snapshotBeforeLoading(source.ofStart(4), third).startNumber()).isEqualTo(4);
  }

  @Test
  void keepsTheStateUntilTheLogIsLoaded() throws Exception {
    ArrivalLogReference log = new ArrivalLogReference("file:/l", 1024, "b".repeat(64));
    ChunkEnumeratorState.Progress state = state(Optional.of(log), 0.5, TOPIC);
    ChunkSource same = source(config(null, TOPIC, WhenIdle.WAIT), PLAN);
    ChunkSource other = source(config(null, TOPIC + "-2", WhenIdle.WAIT), PLAN);
    ChunkSource grown =
        source(config(null, "kafka://127.0.0.1:9093,127.0.0.1:9092/news", WhenIdle.WAIT), PLAN);
    ChunkSource none = source(config(FOLLOW, null, WhenIdle.WAIT), PLAN);

    assertThat(snapshotBeforeLoading(same, state)).isEqualTo(state);
    assertThat(images(snapshotBeforeLoading(grown, state)).offsets())
        .isEqualTo(images(state).offsets());
    assertThat(images(snapshotBeforeLoading(other, state)).topic()).isEqualTo(TOPIC + "-2");
    assertThat(images(snapshotBeforeLoading(other, state)).offsets()).isEmpty();
    assertThat(images(snapshotBeforeLoading(other, state)).log()).contains(log);
    assertThat(images(snapshotBeforeLoading(none, state)).offsets()).isEmpty();
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> fresh = same.createEnumerator(context);
    fresh.start();
    assertThat(images(fresh.snapshotState(1)).log()).isEmpty();
  }

  @Test
  void keepsTheIdOfTheTopicThatWasRead() throws Exception {
    ChunkEnumeratorState.Progress state = state(Optional.empty(), 0.5, TOPIC + "#id");
    ChunkSource same = source(config(null, TOPIC, WhenIdle.WAIT), PLAN);
    ChunkSource grown =
        source(config(null, "kafka://127.0.0.1:9093,127.0.0.1:9092/news", WhenIdle.WAIT), PLAN);
    ChunkSource other = source(config(null, TOPIC + "-2", WhenIdle.WAIT), PLAN);

    assertThat(snapshotBeforeLoading(same, state)).isEqualTo(state);
    assertThat(images(snapshotBeforeLoading(grown, state)).topic())
        .isEqualTo("kafka://127.0.0.1:9093,127.0.0.1:9092/news#id");
    assertThat(images(snapshotBeforeLoading(grown, state)).offsets())
        .isEqualTo(images(state).offsets());
    assertThat(images(snapshotBeforeLoading(other, state)).topic()).isEqualTo(TOPIC + "-2");
  }

  @Test
  void endsWithoutAnythingThatArrives() throws Exception {
    arrive(4);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source());
    awaitChunks(2);
    ChunkEnumeratorState state = checkpoint(before, 1);
    before.close();
    arrive(1);
    ChunkSplit[] held = context.assigned.get(0).toArray(ChunkSplit[]::new);
    restore(source(config(null, null, WhenIdle.WAIT), PLAN.endingAfter(4)), state, held);

    assertThat(context.chunksOf(0)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(chunks().get(7)).allMatch(image -> image.sampleId() < 4);
  }

  @Test
  void writesTheLogWithEachCheckpoint() throws Exception {
    arrive(3);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = begin(source());
    awaitChunks(1);
    ChunkEnumeratorState.Progress first = checkpoint(enumerator, 1);
    arrive(1);
    awaitChunks(2);
    ChunkEnumeratorState.Progress second = checkpoint(enumerator, 2);

    assertThat(ArrivalLogFiles.read(images(first).log().orElseThrow()).size()).isEqualTo(3);
    assertThat(ArrivalLogFiles.read(images(second).log().orElseThrow()).size()).isEqualTo(4);
    assertThat(ArrivalLogFiles.read(images(second).log().orElseThrow()).roots())
        .containsExactly("file:" + input);
  }

  @Test
  void endsTheJobWhenTheLogIsMissing() {
    ArrivalLogReference log =
        new ArrivalLogReference("file:" + folder.resolve("arrivals"), 1024, "b".repeat(64));
    source().restoreEnumerator(context, state(Optional.of(log), 0.5, "")).start();

    assertThatThrownBy(context::runAsyncCalls)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "the log of arrivals in file:" + folder + "/arrivals lacks the 1024");
  }

  @Test
  void refusesTheStateOfAnotherRun() {
    refuses(
        state(Optional.empty(), 0.25, ""),
        "cannot resume: the checkpoint was made with replay-share 0.25, not 0.5");
    refuses(
        ChunkEnumeratorState.Progress.start(
            new PlanState.Arriving(
                Optional.empty(), new ArrivalLogHeader(8, 0.5, 1, 4), 2, 2, "", Map.of())),
        "cannot resume: the checkpoint was made with seed 8, not 7, micro-batch 2, not 4,"
            + " accumulation 2, not 1, chunk-images 1, not 2");
    refuses(
        ChunkEnumeratorState.Progress.start(
            new PlanState.Listed(
                7,
                Shuffle.SAMPLE,
                new CatalogReference("file:/c", "a".repeat(64), 100),
                new BatchPlan(100, 5, 4, 1, 2))),
        "cannot resume: the checkpoint is one of a run over a catalog (without --follow,"
            + " --events)");
    refuses(
        new ChunkEnumeratorState.Unreadable("it ends too early"),
        "cannot resume: the state of the source is unreadable: it ends too early");
    assertThatThrownBy(
            () -> source(config(FOLLOW, null, WhenIdle.WAIT), new BatchPlan(100, 5, 4, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the plan must be one of a continuous run: BatchPlan[");
  }
}
