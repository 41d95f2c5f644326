package io.simmim.pipeline.estimate;

import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.kubernetes.PodResources;
import io.simmim.pipeline.run.RunSize;
import io.simmim.schemas.BatchPlan;

/**
 * What a run is going to take.
 *
 * @param name of its configuration, as people gave it
 * @param plan its steps; of a run on images that keep arriving those of an epoch
 * @param size what it takes of storage
 * @param pace how fast it goes on this machine
 * @param process what a process needs that decodes and trains, on a machine such as this one
 * @param pod what a TaskManager on Kubernetes needs
 * @param heapMiB most that Java's heap of this process may take
 */
record RunEstimate(
    String name,
    SimmimConfig config,
    BatchPlan plan,
    RunSize size,
    Pace pace,
    PodResources process,
    PodResources pod,
    long heapMiB) {
  /** Java's code, threads and Flink's buffers in a run of one process. */
  private static final long BESIDE_HEAP_MIB = 1024;

  private static final int SECONDS_PER_HOUR = 3600;

  /** From the command to the first step: Java, Flink, libtorch's compilation (docs/estimate.md). */
  private static final double START_SECONDS = 8;

  static RunEstimate of(
      String name, SimmimConfig config, Catalog catalog, BatchPlan plan, Pace pace) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new RunEstimate(
        name,
        config,
        plan,
        RunSize.of(config, catalog, plan, 0),
        pace,
        PodResources.of(config, cores, pace.decoders()),
        PodResources.of(config),
        Runtime.getRuntime().maxMemory() >> 20);
  }

  /** Steps that have an estimate: of a run without end those of an epoch. */
  long steps() {
    return plan.isEndless() ? plan.stepsPerEpoch() : plan.totalSteps();
  }

  /** In a process of its own on this machine. */
  double seconds() {
    return START_SECONDS + steps() * plan.globalBatch() / pace.bothPerSecond();
  }

  /** Where decoders have cores of their own, as many as the trainer needs. */
  double secondsOfTrainer() {
    return START_SECONDS + steps() * plan.globalBatch() / pace.trainedPerSecond();
  }

  /** Bytes that storage must deliver while the run goes on, per second. */
  double bytesPerSecond() {
    return (double) size.epochBytes()
        / (plan.stepsPerEpoch() * plan.globalBatch())
        * pace.bothPerSecond();
  }

  /** Models that are there when the run is over, the last one included. */
  long exports() {
    int every = config.export().everyEpochs();
    long between = every == 0 || plan.isEndless() ? 0 : (plan.epochs() - 1) / every;
    int retained = config.export().retained();
    return 1 + (retained == 0 ? between : Math.min(between, retained));
  }

  long exportBytes() {
    return Float.BYTES * size.parameters();
  }

  /** Bytes of checkpoints that are written in an hour, most of them deleted again. */
  double checkpointBytesPerHour() {
    double seconds = config.checkpoint().interval().toMillis() / 1e3;
    return size.checkpointBytes() * SECONDS_PER_HOUR / seconds;
  }

  /** Most memory of a run in one process on this machine. */
  long localMiB() {
    return heapMiB + process.nativeMiB() + BESIDE_HEAP_MIB;
  }

  /** Of the GPU; 0 without one. */
  long deviceMiB() {
    return Math.max(process.deviceMiB(), pace.deviceMiB().orElse(0));
  }
}
