package io.simmim.trainer.operator.failure;

/**
 * What ends when the GPU fails so that the process cannot use it any more. A restart of the job in
 * the same process would fail again.
 */
public enum GpuLoss {
  /** The process of the task manager: a cluster starts another, and the job goes on there. */
  ENDS_PROCESS,

  /** The job: Flink runs in the user's own process, and the same command continues. */
  ENDS_JOB
}
