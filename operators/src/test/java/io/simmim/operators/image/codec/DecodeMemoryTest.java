package io.simmim.operators.image.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DecodeMemoryTest {
  private static final long MEBIBYTE = 1 << 20;

  @Test
  void refusesWhatAllTogetherMayNotTake() {
    DecodeMemory memory = DecodeMemory.shared(100_000_000);
    assertThatThrownBy(() -> memory.lease(100_000_001, "a picture"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("decoding a picture takes 101 MB; max-megapixels allows 100 MB");
    assertThatThrownBy(
            () -> DecodeMemory.requireHeap(DecodeMemory.HEAP_BYTES + 1, () -> "a picture"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("decoding a picture takes 68 MB of heap (allowed: 67)");
  }

  @Test
  void letsTheNextImageWaitUntilThereIsRoom() throws Exception {
    DecodeMemory memory = DecodeMemory.shared(101 * MEBIBYTE);
    int first = memory.lease(60 * MEBIBYTE, "a picture");
    AtomicReference<Thread> waiting = new AtomicReference<>();
    CompletableFuture<Integer> second =
        CompletableFuture.supplyAsync(
            () -> {
              waiting.set(Thread.currentThread());
              return lease(DecodeMemory.shared(101 * MEBIBYTE), 60 * MEBIBYTE);
            });
    await().until(() -> waiting.get() != null && isWaiting(waiting.get()));
    // Small images never wait.
    memory.release(memory.lease(DecodeMemory.KEPT_BYTES, "a small picture"));
    assertThat(second).isNotDone();

    memory.release(first);
    memory.release(second.get());
    memory.release(memory.lease(101 * MEBIBYTE, "a picture"));
  }

  @Test
  void doesNotTakeTheEndOfATaskForAFaultOfTheImage() {
    DecodeMemory memory = DecodeMemory.shared(102 * MEBIBYTE);
    AtomicReference<Thread> waiting = new AtomicReference<>();
    int all = lease(memory, 102 * MEBIBYTE);
    CompletableFuture<Integer> second =
        CompletableFuture.supplyAsync(
            () -> {
              waiting.set(Thread.currentThread());
              return lease(memory, 60 * MEBIBYTE);
            });
    await().until(() -> waiting.get() != null && isWaiting(waiting.get()));
    waiting.get().interrupt();

    assertThatThrownBy(second::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(DecodeMemory.InterruptedWaitException.class);
    memory.release(all);
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING;
  }

  private static int lease(DecodeMemory memory, long bytes) {
    try {
      return memory.lease(bytes, "a picture");
    } catch (UnreadableImageException e) {
      throw new CompletionException(e);
    }
  }
}
