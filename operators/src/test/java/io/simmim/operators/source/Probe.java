package io.simmim.operators.source;

import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Keeps the chunks that it has seen in its state, as the trainer does, and fails on demand. What it
 * has seen is also shown to the test, which runs in the same JVM.
 */
final class Probe extends RichMapFunction<EncodedChunk, Long>
    implements CheckpointedFunction, CheckpointListener {
  /** Something that a test does. */
  interface Action {
    void run() throws IOException;
  }

  static final Map<Integer, Set<Long>> delivered = new ConcurrentHashMap<>();
  static final Map<Long, List<String>> content = new ConcurrentHashMap<>();
  static final Set<Long> duplicates = ConcurrentHashMap.newKeySet();
  static final AtomicInteger failures = new AtomicInteger();
  static final AtomicInteger checkpoints = new AtomicInteger();
  static final AtomicInteger rejected = new AtomicInteger();
  static volatile int checkpointsBeforeFailure;
  static volatile Action onFirstChunk;

  /** Guards what is below. */
  private static final Object gate = new Object();

  private static int heldAfter = Integer.MAX_VALUE;

  private transient ListState<Long> state;
  private transient Set<Long> seen;

  static void reset() {
    delivered.clear();
    content.clear();
    duplicates.clear();
    failures.set(0);
    checkpoints.set(0);
    rejected.set(0);
    onFirstChunk = null;
    letGo();
  }

  /** Holds the chunks that follow so many, so that a test can act before the last one. */
  static void holdAfter(int chunks) {
    synchronized (gate) {
      heldAfter = chunks;
    }
  }

  static void letGo() {
    synchronized (gate) {
      heldAfter = Integer.MAX_VALUE;
      gate.notifyAll();
    }
  }

  static void failAfterCheckpoints(int checkpointsBefore, int times) {
    checkpointsBeforeFailure = checkpointsBefore;
    failures.set(times);
  }

  static int chunks() {
    return delivered.values().stream().mapToInt(Set::size).sum();
  }

  @Override
  public Long map(EncodedChunk chunk) throws Exception {
    synchronized (gate) {
      while (chunks() >= heldAfter) {
        gate.wait();
      }
    }
    if (failures.get() > 0 && checkpoints.get() >= checkpointsBeforeFailure) {
      checkpoints.set(0);
      failures.decrementAndGet();
      throw new IllegalStateException("failure on purpose");
    }
    synchronized (Probe.class) {
      if (onFirstChunk != null) {
        Action action = onFirstChunk;
        onFirstChunk = null;
        action.run();
      }
    }
    if (!seen.add(chunk.index())) {
      duplicates.add(chunk.index());
    }
    List<String> texts = new ArrayList<>();
    for (EncodedImage image : chunk.images()) {
      texts.add(new String(image.bytes(), StandardCharsets.UTF_8));
      if (image.failure() != null) {
        rejected.incrementAndGet();
      }
    }
    content.put(chunk.index(), texts);
    return chunk.index();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    state =
        context.getOperatorStateStore().getListState(new ListStateDescriptor<>("seen", Types.LONG));
    seen = ConcurrentHashMap.newKeySet();
    state.get().forEach(seen::add);
    delivered.put(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(), seen);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    state.update(new ArrayList<>(seen));
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    checkpoints.incrementAndGet();
  }
}
