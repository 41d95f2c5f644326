package io.simmim.pipeline.job.settings;

import io.simmim.pipeline.config.cluster.ResourcesConfig;
import io.simmim.schemas.UserError;
import org.apache.flink.api.common.operators.SlotSharingGroup;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.JobManagerOptions.SchedulerType;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.SchedulerExecutionMode;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The slots that tasks share: all share them, or those that decode have others than the trainer and
 * what follows it. Then every task is in one of two groups with a profile, since Flink cuts a slot
 * without one from whatever machine is free.
 */
public final class SlotGroups {
  public static final String IMAGES = "images";
  public static final String TRAINER = "trainer";

  private final SlotSharingGroup images;
  private final SlotSharingGroup trainer;

  private SlotGroups(SlotSharingGroup images, SlotSharingGroup trainer) {
    this.images = images;
    this.trainer = trainer;
  }

  public static SlotGroups of(ResourcesConfig resources) {
    if (!resources.areSet()) {
      return new SlotGroups(null, null);
    }
    return new SlotGroups(
        group(
            IMAGES,
            resources.imagesCpuCores(),
            resources.imagesTaskHeap(),
            resources.imagesExternalResource()),
        group(
            TRAINER,
            resources.trainerCpuCores(),
            resources.trainerTaskHeap(),
            resources.trainerExternalResource()));
  }

  private static SlotSharingGroup group(
      String name, double cores, MemorySize heap, String externalResource) {
    return SlotSharingGroup.newBuilder(name)
        .setCpuCores(cores)
        .setTaskHeapMemory(heap)
        .setExternalResource(externalResource, 1)
        .build();
  }

  /**
   * Refuses to ask for what Flink would not heed.
   *
   * @param told configuration of the cluster, as far as the client knows it
   * @param embedded whether the job runs in this process
   * @throws UserError that says why
   */
  public static void requireHeeded(
      ResourcesConfig resources, ReadableConfig told, boolean embedded) {
    if (!resources.areSet()) {
      return;
    }
    if (embedded) {
      throw new UserError(
          "resources.* is for clusters, whose machines declare %s and %s; this process is the only machine here"
              .formatted(resources.trainerExternalResource(), resources.imagesExternalResource()));
    }
    boolean adaptive =
        told.get(JobManagerOptions.SCHEDULER) == SchedulerType.Adaptive
            || told.get(JobManagerOptions.SCHEDULER_MODE) == SchedulerExecutionMode.REACTIVE;
    if (adaptive) {
      throw new UserError(
          "with resources.* jobmanager.scheduler must be Default, since the adaptive one takes any slot: Adaptive");
    }
  }

  /** Whether a machine that decodes may be the trainer's too. */
  public boolean areShared() {
    return images == null;
  }

  /** Puts an operator where images are decoded. */
  public <T> SingleOutputStreamOperator<T> decoding(SingleOutputStreamOperator<T> operator) {
    return images == null ? operator : operator.slotSharingGroup(images);
  }

  /** Puts an operator where the trainer is. */
  public <T> SingleOutputStreamOperator<T> training(SingleOutputStreamOperator<T> operator) {
    return trainer == null ? operator : operator.slotSharingGroup(trainer);
  }

  /** Puts a sink where the trainer is. */
  public void training(DataStreamSink<?> sink) {
    if (trainer != null) {
      sink.slotSharingGroup(trainer);
    }
  }
}
