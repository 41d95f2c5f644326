/**
 * The training loop as a Flink operator: its thread, and its state in a checkpoint.
 *
 * <h2>Life</h2>
 *
 * <ol>
 *   <li>Task thread, {@code initializeState}: the elements of a checkpoint, if there is one, are
 *       put together and checked; a checkpoint of another configuration is refused.
 *   <li>Task thread, {@code open}: starts the training thread and waits until the model is made and
 *       restored. Chunks that the checkpoint held go into the {@code ChunkOrderer}.
 *   <li>Task thread, {@code processElement}: orders chunks; hands each complete micro-batch to the
 *       training thread through a {@code Handover}. While three are there that are not consumed
 *       yet, yields to the mailbox: this is the back-pressure.
 *   <li>Training thread, {@code TrainingLoop}: forward, backward and update. Metrics, rejected
 *       images and errors come back as {@link TrainingEvent}s, with a mail for the task thread,
 *       which alone may emit.
 *   <li>Task thread, {@code prepareSnapshotPreBarrier}: asks the training thread to copy the state
 *       on the device after the micro-batch under way, and emits what belongs before the barrier:
 *       all events up to the copy. So each step is emitted exactly once relative to the state.
 *       Training goes on with the next micro-batch at once.
 *   <li>Task thread, {@code snapshotState}: hands references to Flink: pieces of the copy, and the
 *       chunks that the copied state has not used.
 *   <li>A thread of Flink's, {@code upload}: reads the copy piece by piece, writes it, and frees
 *       it, also when the checkpoint is aborted. When Flink says that the checkpoint is complete,
 *       the task thread emits what it took, or behind the end writes it.
 *   <li>Export thread, {@code ModelExporter}: writes the model at the end, and between epochs as
 *       configured, from a copy of its own. A failure between epochs is logged and counted, and
 *       training goes on; at the end it fails the job. It also writes the copies that others look
 *       at while training goes on: each is emitted when its step is done, and again when it is
 *       written or could not be.
 *   <li>Progress thread, {@code ProgressNote}: writes the last step to {@code progress.json}, once
 *       a second or less. What it finds there before training begins is what the run had reached.
 *   <li>Task thread, {@code endInput}: waits for the training thread and for exports. Whether the
 *       run is complete is decided by the number of steps, not by the end of input: a drained run
 *       has an end of input too.
 *   <li>Task thread, {@code close}: stops these threads, waits for them, and frees all copies. For
 *       the progress thread it waits 10 seconds at most. The training thread frees the model.
 * </ol>
 *
 * <h2>Determinism</h2>
 *
 * Weights are a pure function of configuration and chunks: micro-batches are cut by chunk number,
 * stochastic depth is drawn from the number of the micro-batch, updates follow in one thread, and a
 * checkpoint holds everything else (parameters, moments, gradients inside an accumulation, the sum
 * of losses). Neither timing nor checkpoints nor the parallelism upstream enter. Pinned is the
 * number of threads of an operation on the CPU ({@code TrainerConfig.threads}), because it decides
 * the order of sums. Not pinned are the processor's instruction set, the libtorch build and the
 * kind of GPU: a run that moves between them continues correctly, but not to the same bits.
 */
package io.simmim.trainer.operator;
