package io.simmim.pipeline.kubernetes;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.RunSize;
import io.simmim.trainer.torch.Precision;

/**
 * What a TaskManager that decodes and trains needs, by the table "The memory of a run" in
 * docs/design.md. Flink divides the memory of a pod into pieces; the heap gets what the others
 * leave.
 *
 * @param parameters of the model
 * @param cores of the pod
 * @param slots tasks that decode; the trainer shares the slot of one
 * @param heapMiB of all tasks
 * @param nativeMiB outside of the heap, of decoding and training, without what is on a GPU
 * @param deviceMiB on the GPU; 0 without one
 */
public record PodResources(
    long parameters, int cores, int slots, long heapMiB, long nativeMiB, long deviceMiB) {
  /** Flink's own memory outside of task heap and task off-heap: fixed in the manifest. */
  static final int NETWORK_MIB = 256;

  static final int FRAMEWORK_MIB = 256;
  static final int METASPACE_MIB = 256;
  static final int OVERHEAD_MIB = 512;

  /**
   * Weights, gradients and moments: 16 bytes a parameter; 12 or 16 while a checkpoint is written.
   */
  private static final int STATE_BYTES = 16;

  /** Parameters as passes in bf16 take them, and what is derived of these. */
  private static final int ROUNDED_BYTES = 4;

  private static final int COPY_BYTES = 12;
  private static final int COPY_BYTES_WITHIN_ACCUMULATION = 16;

  /** Of a copy of the model that is looked at, and images that are looked at with it at once. */
  private static final int WATCHED_BYTES = 4;

  private static final int WATCHED_IMAGES = 32;
  private static final int CORES_PER_WATCHING_THREAD = 4;

  /** libtorch with its compiled text, and what its allocators keep. */
  private static final long LIBTORCH_MIB = 768;

  /** Libraries and context of CUDA on the host: not measured. */
  private static final long CUDA_HOST_MIB = 4096;

  /** Context of CUDA and work space of its libraries on the device: not measured. */
  private static final long CUDA_DEVICE_MIB = 2048;

  /** A decoder's and a crop's rows, and what stays between images (docs/design.md). */
  private static final long DECODER_MIB = 64 + 64 + 16;

  /**
   * A GPU of the class of an H100 at a quarter of its peak, and its fp32 as measured on an H200.
   */
  private static final double GPU_BF16_OPERATIONS = 250e12;

  private static final double GPU_FP32_OPERATIONS = 42e12;

  /** Compressed images of a task over its bytes in flight: those, and the chunk that is decoded. */
  private static final double COMPRESSED = 1.5;

  /** Images that a core decodes in a second, from storage; half of what a core may do. */
  private static final double DECODED_PER_SECOND = 300;

  private static final int FEWEST_CORES = 4;
  private static final int MOST_CORES = 16;
  private static final long MIB = 1 << 20;

  /** Works out what a run needs. */
  public static PodResources of(SimmimConfig config) {
    boolean gpu = !config.training().device().equals("cpu");
    StepEstimate step = StepEstimate.of(config);
    int cores = gpu ? coresBesideGpu(step, config.training().precision()) : FEWEST_CORES * 2;
    return of(config, cores, gpu ? cores - 1 : cores / 4);
  }

  /**
   * The same of a process that is given.
   *
   * @param slots tasks that decode in it
   */
  public static PodResources of(SimmimConfig config, int cores, int slots) {
    boolean gpu = !config.training().device().equals("cpu");
    long parameters = RunSize.parameters(config);
    long state =
        parameters
            * (STATE_BYTES
                + (config.training().precision() == Precision.BF16 ? ROUNDED_BYTES : 0)
                + (config.training().accumulation() > 1
                    ? COPY_BYTES_WITHIN_ACCUMULATION
                    : COPY_BYTES));
    StepEstimate step = StepEstimate.of(config);
    long training = mib(state + step.activationBytes() * config.training().microBatch());
    long decoding = mib((double) config.image().maxNativeBytes());
    long watching = config.copies().isOn() ? watching(parameters, cores, step) : 0;
    return new PodResources(
        parameters,
        cores,
        slots,
        heap(config, slots),
        decoding + LIBTORCH_MIB + watching + (gpu ? CUDA_HOST_MIB : training),
        gpu ? training + CUDA_DEVICE_MIB : 0);
  }

  /** Of the whole pod, rounded up to half a gibibyte. */
  public long processMiB() {
    long sum = heapMiB + nativeMiB + NETWORK_MIB + FRAMEWORK_MIB + METASPACE_MIB + OVERHEAD_MIB;
    return (sum + 511) / 512 * 512;
  }

  private static long watching(long parameters, int cores, StepEstimate step) {
    int threads = Math.max(1, cores / CORES_PER_WATCHING_THREAD);
    return mib(WATCHED_BYTES * parameters + step.activationBytes() * WATCHED_IMAGES * threads);
  }

  private static int coresBesideGpu(StepEstimate step, Precision precision) {
    double operations = precision == Precision.BF16 ? GPU_BF16_OPERATIONS : GPU_FP32_OPERATIONS;
    double imagesPerSecond = operations / step.operations();
    int cores = 1 + (int) Math.ceil(imagesPerSecond / DECODED_PER_SECOND);
    return Math.max(FEWEST_CORES, Math.min(MOST_CORES, cores));
  }

  private static long heap(SimmimConfig config, int slots) {
    long size = config.image().size();
    double image = 3 * size * size;
    double task = COMPRESSED * config.fetch().bytesInFlight() + 2 * image * config.chunkImages();
    double early = config.fetch().largestWindowChunks() * image * config.chunkImages();
    double ahead = 3 * image * config.training().microBatch();
    return slots * (mib(task) + DECODER_MIB) + mib(config.fetch().maxObjectBytes() + early + ahead);
  }

  private static long mib(double bytes) {
    return (long) Math.ceil(bytes / MIB);
  }
}
