package io.simmim.operators.source.enumerator;

import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ImagesRefused;
import io.simmim.operators.source.split.PendingChunks;
import io.simmim.operators.source.split.StorageFailed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the chunks of a run out to the readers. Its life, all on the coordinator thread:
 *
 * <ol>
 *   <li>{@link ChunkPlans} get to know the images.
 *   <li>Readers register, one by one. A reader that was restored reports the splits of its
 *       checkpoint; they count as returned. Nothing is handed out while a reader is missing: it may
 *       hold the lowest chunk, from which the window is measured.
 *   <li>A reader says how many chunks it can hold, and each time that it has emitted one. Whoever
 *       can hold most more gets the lowest chunk, as long as it is within the window.
 *   <li>A checkpoint is taken. From then on a reader gets nothing until the barrier has passed it
 *       and it goes on reading. Flink would hold the events back until the checkpoint is complete,
 *       but when tasks fail and restart meanwhile, Flink 2.3 forgets them and the next checkpoint
 *       waits for them until it times out. And a savepoint that stops the job is like any other up
 *       to here, but its readers end as soon as it is complete: a chunk sent then would be an event
 *       that is lost, which fails the job instead of stopping it.
 *   <li>A reader fails. Flink gives back what it got since the checkpoint that it restarts from;
 *       what the checkpoint holds the reader reports when it registers again. What it was decoding
 *       is suspected ({@link Suspects}).
 *   <li>When every chunk is emitted, all readers are told so. Until then none is, so that each can
 *       take over what another one loses.
 * </ol>
 */
public final class ChunkEnumerator implements SplitEnumerator<ChunkSplit, ChunkEnumeratorState> {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkEnumerator.class);

  private final SplitEnumeratorContext<ChunkSplit> context;
  private final ChunkPlans plans;
  private final ChunkLedger ledger;
  private final Suspects suspects;
  private final long startNumber;
  private final Map<Integer, Integer> wanted = new HashMap<>();
  private final Map<Integer, Long> pendingTold = new HashMap<>();
  private final Set<Integer> knowRoots = new HashSet<>();
  private final Set<Integer> finished = new HashSet<>();
  private final Set<Integer> beforeBarrier = new HashSet<>();
  private final NavigableMap<Long, Long> unfinishedAt = new TreeMap<>();
  private long checkpoint;

  /**
   * @param startNumber kept in checkpoints
   */
  public ChunkEnumerator(
      SplitEnumeratorContext<ChunkSplit> context,
      ChunkPlans plans,
      ChunkLedger ledger,
      Suspects suspects,
      long startNumber) {
    this.context = context;
    this.plans = plans;
    this.ledger = ledger;
    this.suspects = suspects;
    this.startNumber = startNumber;
  }

  @Override
  public void start() {
    context.metricGroup().gauge("openChunks", ledger::openChunks);
    LOG.info("Chunk {} is the first that was not handed out before", ledger.nextChunk());
    plans.start(context, this::handOut);
  }

  @Override
  public void addReader(int subtaskId) {
    forget(subtaskId);
    ReaderInfo reader = context.registeredReaders().get(subtaskId);
    ledger.takeBack(subtaskId, reader.getReportedSplitsOnRegistration());
    handOut();
  }

  @Override
  public void addSplitsBack(List<ChunkSplit> splits, int subtaskId) {
    forget(subtaskId);
    suspects.lost(ledger.openOf(subtaskId));
    ledger.takeBack(subtaskId, splits);
    handOut();
  }

  private void forget(int subtaskId) {
    wanted.remove(subtaskId);
    knowRoots.remove(subtaskId);
    beforeBarrier.remove(subtaskId);
    finished.remove(subtaskId);
    pendingTold.remove(subtaskId);
  }

  @Override
  public void handleSplitRequest(int subtaskId, String requesterHostname) {
    wanted.merge(subtaskId, 1, Integer::sum);
    handOut();
  }

  @Override
  public void handleSourceEvent(int subtaskId, SourceEvent event) {
    if (event instanceof ChunkRequest request) {
      suspects.readerBegins();
      wanted.merge(subtaskId, request.chunks(), Integer::sum);
    } else if (event instanceof ChunkEmitted emitted) {
      plans.gone(emitted.gone());
      if (ledger.emitted(subtaskId, emitted.chunk())) {
        wanted.merge(subtaskId, 1, Integer::sum);
      }
    } else if (event instanceof ImagesRefused refused) {
      suspects.refuse(refused.reasons());
    } else if (event instanceof StorageFailed) {
      suspects.storageFailed();
    } else if (event instanceof BarrierPassed passed) {
      if (passed.checkpoint() == checkpoint) {
        beforeBarrier.remove(subtaskId);
      }
    } else {
      throw new IllegalArgumentException("unknown event of a chunk reader: " + event);
    }
    handOut();
  }

  private void handOut() {
    handOutAll();
    suspects.note(ledger);
    if (plans.roots() != null && knowsAllReaders() && ledger.complete()) {
      suspects.finished();
    }
  }

  /** Else chunks may be with a reader that has not told of them: low ones, or the last. */
  private boolean knowsAllReaders() {
    return context.registeredReaders().size() >= context.currentParallelism();
  }

  private void handOutAll() {
    if (plans.roots() == null || !knowsAllReaders()) {
      return;
    }
    Map<Integer, List<ChunkSplit>> assignment = new HashMap<>();
    while (handOutOne(assignment)) {
      // One more may fit into the window.
    }
    assignment.keySet().forEach(this::introduce);
    tellPending(assignment.keySet());
    if (!assignment.isEmpty()) {
      context.assignSplits(new SplitsAssignment<>(assignment));
    } else if (ledger.complete()) {
      for (int reader : context.registeredReaders().keySet()) {
        if (!beforeBarrier.contains(reader) && finished.add(reader)) {
          context.signalNoMoreSplits(reader);
        }
      }
    }
  }

  /** Finds a chunk for the reader that can hold most more, or else for the next one. */
  private boolean handOutOne(Map<Integer, List<ChunkSplit>> assignment) {
    List<Integer> ready =
        wanted.keySet().stream()
            .filter(reader -> wanted.get(reader) > 0)
            .filter(reader -> !finished.contains(reader) && !beforeBarrier.contains(reader))
            .sorted(Comparator.comparing(wanted::get).reversed())
            .toList();
    for (int reader : ready) {
      OptionalLong chunk = ledger.handOut(reader, this::mayOpen);
      if (chunk.isPresent()) {
        wanted.merge(reader, -1, Integer::sum);
        assignment
            .computeIfAbsent(reader, none -> new ArrayList<>())
            .add(suspects.examined(plans.split(chunk.getAsLong())));
        return true;
      }
    }
    return false;
  }

  /**
   * Chunks that have been planned before can be again. While suspects are tried no others follow
   * them: they may hold the same images.
   */
  private boolean mayOpen(long chunk) {
    return (suspects.isSuspect(chunk) || !ledger.anyOpen(suspects::isSuspect))
        && (chunk < ledger.nextChunk() || plans.canPlan(chunk));
  }

  private void introduce(int reader) {
    if (knowRoots.add(reader)) {
      context.sendEventToSourceReader(reader, plans.roots());
    }
  }

  /**
   * Tells readers that get chunks what waits besides; the others only that nothing does any more,
   * or their last number would stay.
   */
  private void tellPending(Set<Integer> assigned) {
    int readers = context.currentParallelism();
    long waiting = plans.waitingChunks(ledger.nextChunk()) + ledger.returned().size();
    for (int reader : context.registeredReaders().keySet()) {
      long share = (waiting + readers - 1 - reader) / readers;
      long told = pendingTold.getOrDefault(reader, 0L);
      boolean mayBeTold = !beforeBarrier.contains(reader) && !finished.contains(reader);
      if (mayBeTold && share != told && (share == 0 || assigned.contains(reader))) {
        pendingTold.put(reader, share);
        context.sendEventToSourceReader(reader, new PendingChunks(share));
      }
    }
  }

  @Override
  public ChunkEnumeratorState snapshotState(long checkpointId) throws IOException {
    checkpoint = checkpointId;
    beforeBarrier.clear();
    beforeBarrier.addAll(context.registeredReaders().keySet());
    if (knowsAllReaders()) {
      unfinishedAt.put(checkpointId, ledger.lowestUnfinished());
    }
    return new ChunkEnumeratorState.Progress(
        plans.snapshot(checkpointId),
        ledger.nextChunk(),
        ledger.returned(),
        suspects.refused(),
        startNumber);
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    plans.completed(checkpointId);
    if (unfinishedAt.containsKey(checkpointId)) {
      suspects.finishedBelow(unfinishedAt.get(checkpointId));
      unfinishedAt.headMap(checkpointId, true).clear();
    }
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) {
    if (checkpointId == checkpoint) {
      beforeBarrier.clear();
      handOut();
    }
  }

  @Override
  public void close() throws IOException {
    plans.close();
    suspects.close();
  }
}
