package io.simmim.pipeline.job.told;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.job.settings.RestartBackoff;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.instance.SlotSharingGroupId;
import org.apache.flink.runtime.messages.webmonitor.ClusterOverview;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.ExceptionInfo;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;
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
    return new RestartWatch(Optional.empty(), new JobID(), settings, said::add);
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

  /** Names of files are others'. */
  @Test
  void saysWhatTellsATerminalSomethingByItsCodePoint() {
    watch(false)
        .tell(List.of(failure(1_000, null, "java.io.IOException: no \033[2Ja.jpg\n\tat a.B.c")));

    assertThat(said).containsExactly("restart 1: IOException: no \\u{1b}[2Ja.jpg");
  }

  @Test
  void saysAFailureThatComesAfterTheClockWasSetBack() {
    RestartWatch watch = watch(false);
    RootExceptionInfo first = failure(9_000, null, "java.io.IOException: disk gone\n\tat a.B.c");
    RootExceptionInfo second = failure(1_000, null, "java.io.IOException: disk gone\n\tat a.B.c");
    watch.tell(List.of(first));
    watch.tell(List.of(second, first));
    watch.tell(List.of(second));

    assertThat(said)
        .containsExactly("restart 1: IOException: disk gone", "restart 2: IOException: disk gone");
  }

  /** An event that comes to a task just after it failed is told of first. */
  @Test
  void saysWhatTheOthersFollowFrom() {
    String lost =
        "org.apache.flink.util.FlinkException: An OperatorEvent from an OperatorCoordinator to a"
            + " task was lost.\n\tat a.B.c\nCaused by: x.TaskNotRunningException: Task is not running,"
            + " but in state FAILED\n\tat a.B.c";
    ExceptionInfo cause =
        new ExceptionInfo(
            "java.io.IOException",
            "java.io.IOException: storage gone\n\tat a.B.c",
            1_001,
            Map.of(),
            "Source: images (2/2) - execution #0",
            "localhost:-1",
            null);
    RootExceptionInfo alone = failure(3_000, null, lost);
    watch(false).tell(List.of(with(failure(1_000, null, lost), cause), alone));

    assertThat(said)
        .containsExactly(
            "restart 1: Source: images (2/2): IOException: storage gone",
            "restart 2: TaskNotRunningException: Task is not running, but in state FAILED (the task"
                + " had failed before, and Flink has not heard why; the log of its task manager"
                + " says it)");
  }

  private static RootExceptionInfo with(RootExceptionInfo root, ExceptionInfo other) {
    return new RootExceptionInfo(
        root.getExceptionName(),
        root.getStacktrace(),
        root.getTimestamp(),
        Map.of(),
        root.getTaskName(),
        root.getEndpoint(),
        null,
        List.of(other));
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

  /** A client waits for weeks, and asks each second. */
  @Test
  void asksSeldomForTasksThatHaveBegun() throws Exception {
    WrittenCluster cluster = new WrittenCluster();
    RestartWatch watch = watch(false);
    look(watch, cluster, SlotWait.PATIENCE);
    assertThat(cluster.asked).as("until they begin").isEqualTo(SlotWait.PATIENCE);
    assertThat(said).singleElement().asString().startsWith("the job waits for task slots");

    cluster.state = ExecutionState.RUNNING;
    cluster.asked = 0;
    look(watch, cluster, 10 * SlotWait.PAUSE);
    assertThat(cluster.asked).isEqualTo(10);

    cluster.failures.add(failure(1_000, null, "java.io.IOException: gone\n\tat a.B.c"));
    cluster.state = ExecutionState.CANCELED; // until it is tried again
    cluster.asked = 0;
    look(watch, cluster, 5);
    cluster.state = ExecutionState.SCHEDULED;
    look(watch, cluster, SlotWait.PATIENCE);
    assertThat(cluster.asked).isEqualTo(5 + SlotWait.PATIENCE);
    assertThat(said).hasSize(3).last().asString().startsWith("the job waits for task slots");
  }

  /** Another leader of the JobManagers begins all tasks anew, without a failure. */
  @Test
  void noticesAWaitWithoutAFailureBeforeIt() throws Exception {
    WrittenCluster cluster = new WrittenCluster();
    RestartWatch watch = watch(false);
    cluster.state = ExecutionState.RUNNING;
    look(watch, cluster, 1);
    cluster.state = ExecutionState.CREATED;
    look(watch, cluster, SlotWait.PAUSE + SlotWait.PATIENCE);

    assertThat(said).singleElement().asString().startsWith("the job waits for task slots");
  }

  private static void look(RestartWatch watch, WrittenCluster cluster, int times)
      throws InterruptedException {
    for (int i = 0; i < times; i++) {
      watch.look(cluster);
    }
  }

  private static final class WrittenCluster implements RestartWatch.Cluster {
    private final List<RootExceptionInfo> failures = new ArrayList<>();
    private ExecutionState state = ExecutionState.SCHEDULED;
    private int asked;

    @Override
    public List<RootExceptionInfo> failures(JobID job) {
      return failures;
    }

    @Override
    public List<JobVertexDetailsInfo> tasks(JobID job) {
      asked++;
      return List.of(SlotWaitTest.task(new SlotSharingGroupId(), 4, Map.of(state, 4)));
    }

    @Override
    public ClusterOverview overview() {
      return new ClusterOverview(1, 3, 1, 0, 0, 1, 0, 0, 0);
    }
  }
}
