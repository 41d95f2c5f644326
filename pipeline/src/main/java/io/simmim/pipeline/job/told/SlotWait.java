package io.simmim.pipeline.job.told;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.messages.webmonitor.ClusterOverview;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;

/**
 * Notices that a job waits for slots: Flink says nothing of that for minutes, and fails it then.
 * Where task managers come on demand the wait ends by itself, so it is told and nothing else.
 *
 * <p>Not thread-safe.
 */
final class SlotWait {
  /** Looks in a row that find it waiting, a second apart: tasks are often begun after some. */
  static final int PATIENCE = 15;

  private static final Set<ExecutionState> WAITING =
      EnumSet.of(ExecutionState.CREATED, ExecutionState.SCHEDULED);

  private static final Set<ExecutionState> BEGUN =
      EnumSet.of(
          ExecutionState.DEPLOYING,
          ExecutionState.INITIALIZING,
          ExecutionState.RUNNING,
          ExecutionState.FINISHED);

  /** Seconds from a look at a job whose tasks have begun to the next one: it may run for weeks. */
  static final int PAUSE = 60;

  private int looks;
  private int pause;

  /** Whether to look; asked each second. */
  boolean isDue() {
    return pause-- <= 0;
  }

  /** Notes that the job has failed: its tasks need slots again. */
  void failed() {
    pause = 0;
  }

  /**
   * Notes what a look finds.
   *
   * @param tasks of the job, and how many subtasks of each are in which state
   * @return how many slots the job takes, if it has waited for them for so long; once per wait
   */
  Optional<Integer> look(Collection<JobVertexDetailsInfo> tasks) {
    Set<ExecutionState> states =
        tasks.stream()
            .flatMap(task -> task.getTasksPerState().entrySet().stream())
            .filter(state -> state.getValue() > 0)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    looks = !tasks.isEmpty() && WAITING.containsAll(states) ? looks + 1 : 0;
    pause = states.stream().anyMatch(BEGUN::contains) ? PAUSE - 1 : 0;
    return looks == PATIENCE ? Optional.of(slots(tasks)) : Optional.empty();
  }

  /**
   * For people, unless there are as many: then it is something else that takes so long.
   *
   * @param needed slots that the job takes
   */
  static Optional<String> line(int needed, ClusterOverview cluster) {
    int free = cluster.getNumSlotsAvailable();
    return free >= needed
        ? Optional.empty()
        : Optional.of(
            "the job waits for task slots: it takes %d; the cluster has %d, of which %d %s free (a lower -p takes less; more task managers, or a higher taskmanager.numberOfTaskSlots, give more)"
                .formatted(needed, cluster.getNumSlotsTotal(), free, free == 1 ? "is" : "are"));
  }

  /** Tasks that share slots take as many as the one with the most subtasks. */
  private static int slots(Collection<JobVertexDetailsInfo> tasks) {
    return tasks.stream()
        .collect(
            Collectors.groupingBy(
                JobVertexDetailsInfo::getSlotSharingGroupId,
                Collectors.reducing(0, JobVertexDetailsInfo::getParallelism, Math::max)))
        .values()
        .stream()
        .mapToInt(Integer::intValue)
        .sum();
  }
}
