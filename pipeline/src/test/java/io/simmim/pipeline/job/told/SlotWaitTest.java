package io.simmim.pipeline.job.told;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.instance.SlotSharingGroupId;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.messages.webmonitor.ClusterOverview;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.metrics.IOMetricsInfo;
import org.junit.jupiter.api.Test;

class SlotWaitTest {
  private static final SlotSharingGroupId SHARED = new SlotSharingGroupId();

  private final SlotWait wait = new SlotWait();

  static JobVertexDetailsInfo task(
      SlotSharingGroupId group, int subtasks, Map<ExecutionState, Integer> states) {
    Map<ExecutionState, Integer> all = new HashMap<>();
    for (ExecutionState state : ExecutionState.values()) {
      all.put(state, states.getOrDefault(state, 0));
    }
    return new JobVertexDetailsInfo(
        new JobVertexID(),
        group,
        "task",
        720,
        subtasks,
        ExecutionState.CREATED,
        0,
        0,
        0,
        all,
        new IOMetricsInfo(0, true, 0, true, 0, true, 0, true, 0, 0, 0));
  }

  private Optional<Integer> looks(int times, JobVertexDetailsInfo... tasks) {
    Optional<Integer> last = Optional.empty();
    for (int i = 0; i < times; i++) {
      assertThat(last).isEmpty();
      last = wait.look(List.of(tasks));
    }
    return last;
  }

  private static JobVertexDetailsInfo scheduled(SlotSharingGroupId group, int subtasks) {
    return task(group, subtasks, Map.of(ExecutionState.SCHEDULED, subtasks));
  }

  @Test
  void isToldOnceForEachWait() {
    JobVertexDetailsInfo decode = scheduled(SHARED, 4);
    JobVertexDetailsInfo begun = task(SHARED, 1, Map.of(ExecutionState.DEPLOYING, 1));

    assertThat(looks(SlotWait.PATIENCE, decode, scheduled(SHARED, 1))).hasValue(4);
    assertThat(looks(3 * SlotWait.PATIENCE, decode, scheduled(SHARED, 1))).isEmpty();
    assertThat(looks(3 * SlotWait.PATIENCE, decode, begun)).isEmpty();
    assertThat(looks(SlotWait.PATIENCE, decode, scheduled(new SlotSharingGroupId(), 1)))
        .as("with a slot of its own for the trainer")
        .hasValue(5);
  }

  /** The adaptive scheduler has no subtasks before there are slots. */
  @Test
  void isNoticedBeforeThereAreSubtasks() {
    assertThat(looks(SlotWait.PATIENCE, task(SHARED, 2, Map.of()))).hasValue(2);
  }

  @Test
  void isNoneOfAJobThatIsNotThereYet() {
    assertThat(looks(2 * SlotWait.PATIENCE)).isEmpty();
  }

  @Test
  void saysWhatTheClusterHas() {
    assertThat(SlotWait.line(4, slots(3, 1)))
        .hasValue(
            "the job waits for task slots: it takes 4; the cluster has 3, of which 1 is free (a"
                + " lower -p takes less; more task managers, or a higher"
                + " taskmanager.numberOfTaskSlots, give more)");
    assertThat(SlotWait.line(4, slots(4, 4))).as("it waits for something else").isEmpty();
  }

  private static ClusterOverview slots(int total, int free) {
    return new ClusterOverview(1, total, free, 0, 0, 1, 0, 0, 0);
  }
}
