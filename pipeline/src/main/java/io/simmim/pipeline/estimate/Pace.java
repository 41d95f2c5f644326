package io.simmim.pipeline.estimate;

import java.util.OptionalLong;

/**
 * How fast a run goes on this machine, as measured.
 *
 * @param decodedPerCore images that a core decodes in a second while nothing else runs
 * @param trainedPerSecond images that the device trains on while nothing else runs
 * @param bothPerSecond images of a run in this process, in which decoders and trainer share the
 *     cores
 * @param decoders tasks that decoded in this
 * @param measuredBatch images of the passes that were timed: the micro-batch, or fewer where that
 *     takes too long
 * @param deviceMiB most memory that was in use on the GPU; empty without one
 */
record Pace(
    double decodedPerCore,
    double trainedPerSecond,
    double bothPerSecond,
    int decoders,
    int measuredBatch,
    OptionalLong deviceMiB) {
  /** Cores that decode as much as the device trains on. */
  double busyCores() {
    return trainedPerSecond / decodedPerCore;
  }
}
