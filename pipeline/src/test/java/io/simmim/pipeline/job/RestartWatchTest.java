package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.junit.jupiter.api.Test;

class RestartWatchTest {
  private final List<String> said = new ArrayList<>();

  private static RootExceptionInfo failure(long timestamp, String task, String stackTrace) {
    return new RootExceptionInfo(
        "java.io.IOException",
        stackTrace,
        timestamp,
        Map.of(),
        task,
        task == null ? null : "localhost:4711",
        null,
        List.of());
  }

  private RestartWatch watch(boolean ownBackoff) {
    Configuration settings = new Configuration();
    if (ownBackoff) {
      RestartBackoff.configure(new Configuration(), settings);
    }
    return new RestartWatch(Optional.empty(), settings, said::add);
  }

  @Test
  void saysEachFailureOnceWithTaskReasonAndNextTry() {
    RestartWatch watch = watch(true);
    RootExceptionInfo first =
        failure(
            1_000, "trainer (1/1) - execution #0", "java.io.IOException: disk gone\n\tat a.B.c");
    RootExceptionInfo second =
        failure(4_000, null, "java.io.IOException: storage gone\n\tat a.B.c");
    watch.tell(List.of(first));
    watch.tell(List.of(second, first));
    watch.tell(List.of(second, first));

    assertThat(said)
        .containsExactly(
            "restart 1: trainer (1/1) on localhost:4711: IOException: disk gone; tries again in 1 s"
                + " (try 1 of 20 in a row)",
            "restart 2: IOException: storage gone; tries again in 2 s (try 2 of 20 in a row)");
  }

  @Test
  void doesNotGuessWhatTheUsersStrategyDoes() {
    watch(false).tell(List.of(failure(1_000, null, "java.io.IOException: gone\n\tat a.B.c")));

    assertThat(said).containsExactly("restart 1: IOException: gone");
  }

  @Test
  void leavesTheFailureThatEndsTheJobToItsResult() {
    watch(true)
        .tell(
            List.of(
                failure(
                    1_000,
                    null,
                    "org.apache.flink.runtime.JobException: Recovery is suppressed by X\n\tat a.B.c\n"
                        + "Caused by: java.io.IOException: gone\n\tat a.B.c")));

    assertThat(said).isEmpty();
  }
}
