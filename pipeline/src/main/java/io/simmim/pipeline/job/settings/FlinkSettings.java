package io.simmim.pipeline.job.settings;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.JobManagerOptions.SchedulerType;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.SchedulerExecutionMode;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateChangelogOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.RecoveryClaimMode;

/**
 * Flink's settings for a job. What correctness needs is always set; what is a matter of operation
 * (interval, restarts, time-outs) gives way to what the user told Flink with {@code -Dkey=value} or
 * the cluster's configuration file.
 */
public final class FlinkSettings {
  /**
   * At most so many tasks decode, now and after any resume: Flink keeps it with the state. A number
   * with many divisors, since autoscalers prefer those.
   */
  public static final int MAX_PARALLELISM = 720;

  private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})");

  /** The trainer ends a run on a full disk after as many, and says why: its FullDisk. */
  private static final int FAILED_CHECKPOINTS_IN_A_ROW = 3;

  private static final List<FixedSetting<?>> CORRECTNESS =
      List.of(
          // A bounded source would otherwise select BATCH, which has no checkpoints.
          new FixedSetting<>(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.STREAMING),
          new FixedSetting<>(PipelineOptions.GENERIC_TYPES, false),
          new FixedSetting<>(PipelineOptions.OBJECT_REUSE, true),
          new FixedSetting<>(PipelineOptions.AUTO_GENERATE_UIDS, false),
          new FixedSetting<>(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM),
          new FixedSetting<>(StateBackendOptions.STATE_BACKEND, "hashmap"),
          // No checkpoint behind a savepoint would be complete, as it cannot write a full one.
          new FixedSetting<>(StateChangelogOptions.ENABLE_STATE_CHANGE_LOG, false),
          // Flink restores managed state byte by byte: unbuffered, 4 minutes for ViT-B instead of
          // 4 s.
          new FixedSetting<>(ExecutionOptions.SNAPSHOT_COMPRESSION, true),
          new FixedSetting<>(
              CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE),
          new FixedSetting<>(CheckpointingOptions.ENABLE_UNALIGNED, false),
          new FixedSetting<>(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem"),
          // RestorePoint looks for folders of jobs, which also keep two chk-1 apart.
          new FixedSetting<>(CheckpointingOptions.CREATE_CHECKPOINT_SUB_DIR, true),
          // The last one puts the rows of embed in their place.
          new FixedSetting<>(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, true),
          new FixedSetting<>(
              CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
              ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION));

  /** A barrier waits behind records that the trainer has yet to take. */
  private static final Duration CHECKPOINT_TIMEOUT = Duration.ofMinutes(30);

  /**
   * A restart waits until the trainer's call into libtorch has returned, such as a step of a large
   * model on a slow machine. Flink would end the process after 3 minutes.
   */
  private static final Duration CANCELLATION_TIMEOUT = Duration.ofMinutes(30);

  private final ReadableConfig told;
  private final Configuration settings = new Configuration();

  private FlinkSettings(ReadableConfig told) {
    this.told = told;
  }

  /**
   * The settings that a job needs on top of what Flink was told.
   *
   * @param folder the output
   * @param restore where the job goes on, if it does
   * @param told configuration of the cluster and of {@code flink run}
   */
  public static Configuration of(
      ConfigLoader.Loaded loaded,
      RunFolder folder,
      Optional<RestorePoint> restore,
      ReadableConfig told) {
    FlinkSettings result = new FlinkSettings(told);
    CORRECTNESS.forEach(setting -> setting.addTo(result.settings));
    result.checkpoints(loaded.config(), loaded.explicit(), folder);
    result.unlessTold(TaskManagerOptions.TASK_CANCELLATION_TIMEOUT, CANCELLATION_TIMEOUT);
    RestartBackoff.configure(told, result.settings);
    restore.ifPresent(result::restore);
    return result.settings;
  }

  /**
   * Refuses what Flink is told for a run in this process and would not heed.
   *
   * @param told by the group {@code flink}
   * @throws UserError that names a key
   */
  public static void requireHeeded(Configuration told) {
    CORRECTNESS.forEach(setting -> setting.requireIn(told));
    if (told.contains(CheckpointingOptions.CHECKPOINTS_DIRECTORY)) {
      throw new UserError(
          "flink.%s is not for runs in this process, whose checkpoints are in their output: %s"
              .formatted(
                  CheckpointingOptions.CHECKPOINTS_DIRECTORY.key(),
                  told.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY)));
    }
  }

  /**
   * Refuses more decoding tasks than there may ever be.
   *
   * @throws UserError that says how many may be
   */
  public static void requireParallelism(int tasks) {
    if (tasks > MAX_PARALLELISM) {
      throw new UserError(
          "parallelism must be at most %d tasks: %d".formatted(MAX_PARALLELISM, tasks));
    }
  }

  /**
   * Refuses a cluster whose Flink is too old: before 2.2 a source gets nothing told of what its
   * readers held when it is restored.
   *
   * @param version of the Flink that runs this; one that cannot be read is taken for new enough
   */
  public static void requireVersion(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (matcher.lookingAt()
        && Integer.parseInt(matcher.group(1)) * 1000 + Integer.parseInt(matcher.group(2)) < 2002) {
      throw new UserError("Flink must be 2.2 or newer: " + version);
    }
  }

  /**
   * Refuses a cluster whose jobs may set nothing: what correctness needs would be missing.
   *
   * @throws UserError that says what to set
   */
  public static void requireOwnSettings(ReadableConfig told) {
    boolean some = !told.get(DeploymentOptions.PROGRAM_CONFIG_WILDCARDS).isEmpty();
    if (!told.get(DeploymentOptions.PROGRAM_CONFIG_ENABLED) && !some) {
      throw new UserError(
          "%s must be true, since the job sets what correctness needs: false"
              .formatted(DeploymentOptions.PROGRAM_CONFIG_ENABLED.key()));
    }
  }

  /**
   * Refuses schedulers that would only fail at this job: the one for batch jobs, and the reactive
   * mode, which gives each task as many subtasks as there are slots, those that write files too.
   *
   * @param told configuration of the cluster, as far as the client knows it
   * @throws UserError that says what to set
   */
  public static void requireScheduler(ReadableConfig told) {
    if (told.get(JobManagerOptions.SCHEDULER_MODE) == SchedulerExecutionMode.REACTIVE) {
      throw new UserError(
          "%s must not be reactive, which has several tasks write each file (allowed: %s Default or Adaptive)"
              .formatted(
                  JobManagerOptions.SCHEDULER_MODE.key(), JobManagerOptions.SCHEDULER.key()));
    }
    if (told.get(JobManagerOptions.SCHEDULER) == SchedulerType.AdaptiveBatch) {
      throw new UserError(
          "%s must be Default or Adaptive, since this is no batch job: AdaptiveBatch"
              .formatted(JobManagerOptions.SCHEDULER.key()));
    }
  }

  /**
   * Names a run. A JobManager with high availability that takes over from another starts the
   * program again, and recovers its job: that is the same run.
   */
  public static String owner(ReadableConfig told) {
    Optional<String> job = told.getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID);
    String mode = told.get(HighAvailabilityOptions.HA_MODE);
    if (job.isEmpty() || mode.equalsIgnoreCase("NONE")) {
      return UUID.randomUUID().toString();
    }
    // Clusters that are not told otherwise have equal ids, but not in the same place.
    String cluster =
        String.join(
            "\n",
            job.get(),
            mode,
            told.get(HighAvailabilityOptions.HA_CLUSTER_ID),
            String.valueOf(told.get(HighAvailabilityOptions.HA_STORAGE_PATH)));
    return UUID.nameUUIDFromBytes(cluster.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private void checkpoints(SimmimConfig config, Set<String> explicit, RunFolder folder) {
    settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.checkpoints().toString());
    unlessTold(CheckpointingOptions.SAVEPOINT_DIRECTORY, folder.savepoints().toString());
    unlessTold(CheckpointingOptions.CHECKPOINTING_TIMEOUT, CHECKPOINT_TIMEOUT);
    unlessTold(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, FAILED_CHECKPOINTS_IN_A_ROW);
    ours(
        CheckpointingOptions.CHECKPOINTING_INTERVAL,
        config.checkpoint().interval(),
        explicit.contains("checkpoint.interval"));
    ours(
        CheckpointingOptions.MAX_RETAINED_CHECKPOINTS,
        config.checkpoint().retained(),
        explicit.contains("checkpoint.retained"));
  }

  private void restore(RestorePoint point) {
    settings.set(StateRecoveryOptions.SAVEPOINT_PATH, point.path().toString());
    if (told.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isEmpty()) {
      // Flink deletes a checkpoint of an earlier run once it has newer ones; a savepoint is the
      // user's.
      settings.set(
          StateRecoveryOptions.RESTORE_MODE,
          point.savepoint() ? RecoveryClaimMode.NO_CLAIM : RecoveryClaimMode.CLAIM);
    }
  }

  private <T> void ours(ConfigOption<T> option, T value, boolean explicit) {
    if (explicit || told.getOptional(option).isEmpty()) {
      settings.set(option, value);
    }
  }

  private <T> void unlessTold(ConfigOption<T> option, T value) {
    ours(option, value, false);
  }
}
