package io.simmim.trainer.loop;

import static io.simmim.trainer.operator.TestRuns.chunk;
import static io.simmim.trainer.operator.TestRuns.emptyChunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.TensorChunk;
import org.junit.jupiter.api.Test;

class ChunkOrdererTest {
  private final ChunkOrderer orderer = new ChunkOrderer(2, 4, 10);

  @Test
  void handsOutMicroBatchesInOrder() {
    orderer.add(chunk(13));
    orderer.add(chunk(11));
    assertThat(orderer.hasMicroBatch()).isFalse();
    assertThat(orderer.firstMissing()).isEqualTo(10);

    orderer.add(emptyChunk(10));

    assertThat(orderer.takeMicroBatch()).extracting(TensorChunk::index).containsExactly(10L, 11L);
    assertThat(orderer.hasMicroBatch()).isFalse();
    orderer.add(chunk(12));
    assertThat(orderer.takeMicroBatch()).extracting(TensorChunk::index).containsExactly(12L, 13L);
    assertThat(orderer.size()).isZero();
  }

  @Test
  void listsWaitingChunksInOrder() {
    orderer.add(chunk(13));
    orderer.add(chunk(11));

    assertThat(orderer.waiting()).extracting(TensorChunk::index).containsExactly(11L, 13L);
  }

  @Test
  void refusesChunkBeyondTheWindow() {
    orderer.add(chunk(10));

    assertThatThrownBy(() -> orderer.add(chunk(14)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("chunk 14 came while chunk 11 is missing; chunks may come at most 3 ahead");
  }

  @Test
  void refusesChunkThatWasHandedOut() {
    assertThatThrownBy(() -> orderer.add(chunk(9)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("chunk 9 came again; the next one is 10");
  }

  @Test
  void refusesChunkThatWaitsAlready() {
    orderer.add(chunk(12));

    assertThatThrownBy(() -> orderer.add(chunk(12)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("chunk 12 came twice; the next one is 10");
  }

  @Test
  void handsOutNoIncompleteMicroBatch() {
    orderer.add(chunk(11));

    assertThatThrownBy(orderer::takeMicroBatch)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("chunk 10 is missing");
  }
}
