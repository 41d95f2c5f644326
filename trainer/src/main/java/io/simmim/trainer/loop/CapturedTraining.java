package io.simmim.trainer.loop;

import io.simmim.schemas.RejectedImage;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TrainingPlatform;
import java.util.List;
import java.util.concurrent.Future;

/**
 * A training as it is at a boundary between two micro-batches.
 *
 * @param checkpointId what it was asked for
 * @param progress how far it is
 * @param rejectedIds see {@link RejectedImages#sampleIds}
 * @param firstRejected see {@link RejectedImages#first}
 * @param platform what trains
 * @param tensors the receiver closes them
 * @param underWay what listeners still do with the steps before: their weights are gone after it
 * @param copyNanos how long training waited for the copy
 */
public record CapturedTraining(
    long checkpointId,
    TrainingProgress progress,
    long[] rejectedIds,
    List<RejectedImage> firstRejected,
    TrainingPlatform platform,
    StateSnapshot tensors,
    List<? extends Future<?>> underWay,
    long copyNanos) {}
