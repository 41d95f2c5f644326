package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ThreadPriorityTest {
  private static final Executor NEW_THREADS = task -> new Thread(task).start();

  /** Place of the nice value behind the name in parentheses, see proc_pid_stat(5). */
  private static final int NICE = 16;

  @Test
  void yieldsOnlyWithTheThreadThatAsks() {
    int before = niceOf(() -> {});

    assertThat(niceOf(ThreadPriority::yieldToOthers)).isEqualTo(Math.min(before + 10, 19));
    assertThat(niceOf(() -> {})).isEqualTo(before);
  }

  private static int niceOf(Runnable task) {
    return CompletableFuture.supplyAsync(
            () -> {
              task.run();
              return nice();
            },
            NEW_THREADS)
        .join();
  }

  private static int nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", NICE + 2)[NICE]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
