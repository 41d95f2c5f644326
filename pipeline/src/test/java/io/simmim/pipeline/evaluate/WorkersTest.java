package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static void requireDone(Throwable failure) throws Exception {
    Workers.requireDone(CompletableFuture.failedFuture(failure));
  }

  /** Storage that is away is one thing, in whichever way a thread says it. */
  @Test
  void failuresOfStorageAreCheckedExceptions() {
    IOException storage = new IOException("connection refused");

    assertThatThrownBy(() -> requireDone(storage))
        .isInstanceOf(IOException.class)
        .hasMessage("connection refused");
    assertThatThrownBy(() -> requireDone(new UncheckedIOException("cannot read", storage)))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read");
  }

  @Test
  void otherFailuresAreThrownAsTheyAre() {
    IllegalStateException mistake = new IllegalStateException("no memory");
    OutOfMemoryError memory = new OutOfMemoryError("heap");

    assertThatThrownBy(() -> requireDone(mistake)).isSameAs(mistake);
    assertThatThrownBy(() -> requireDone(memory)).isSameAs(memory);
  }
}
