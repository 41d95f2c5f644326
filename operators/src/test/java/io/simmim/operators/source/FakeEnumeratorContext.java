package io.simmim.operators.source;

import io.simmim.operators.source.split.ChunkSplit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** Records what an enumerator does, and refuses what Flink's coordinator would refuse. */
public final class FakeEnumeratorContext implements SplitEnumeratorContext<ChunkSplit> {
  final int parallelism;
  final Map<Integer, ReaderInfo> readers = new TreeMap<>();
  public final Map<Integer, List<ChunkSplit>> assigned = new HashMap<>();
  public final Map<Integer, List<SourceEvent>> events = new HashMap<>();
  public final TreeSet<Integer> finished = new TreeSet<>();
  final List<Runnable> asyncCalls = new ArrayList<>();
  private final Queue<Runnable> coordinatorCalls = new ConcurrentLinkedQueue<>();

  public FakeEnumeratorContext(int parallelism) {
    this.parallelism = parallelism;
  }

  public void register(int reader, List<ChunkSplit> restored) {
    readers.put(reader, ReaderInfo.createReaderInfo(reader, "host", restored));
  }

  public void unregister(int reader) {
    readers.remove(reader);
    finished.remove(reader);
    assigned.remove(reader);
    events.remove(reader);
  }

  public void runAsyncCalls() {
    List<Runnable> calls = List.copyOf(asyncCalls);
    asyncCalls.clear();
    calls.forEach(Runnable::run);
  }

  public List<Long> chunksOf(int reader) {
    return assigned.getOrDefault(reader, List.of()).stream().map(ChunkSplit::chunk).toList();
  }

  /** All chunks assigned, whoever got them. */
  public List<Long> chunks() {
    return assigned.values().stream()
        .flatMap(List::stream)
        .map(ChunkSplit::chunk)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  @Override
  public SplitEnumeratorMetricGroup metricGroup() {
    return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
  }

  @Override
  public void sendEventToSourceReader(int subtaskId, SourceEvent event) {
    requireReady(subtaskId);
    events.computeIfAbsent(subtaskId, none -> new ArrayList<>()).add(event);
  }

  @Override
  public int currentParallelism() {
    return parallelism;
  }

  @Override
  public Map<Integer, ReaderInfo> registeredReaders() {
    return Map.copyOf(readers);
  }

  @Override
  public void assignSplits(SplitsAssignment<ChunkSplit> assignment) {
    assignment
        .assignment()
        .forEach(
            (reader, splits) -> {
              requireReady(reader);
              if (!events.containsKey(reader)) {
                throw new IllegalStateException("splits before roots for reader " + reader);
              }
              assigned.computeIfAbsent(reader, none -> new ArrayList<>()).addAll(splits);
            });
  }

  @Override
  public void signalNoMoreSplits(int subtask) {
    requireReady(subtask);
    if (!finished.add(subtask)) {
      throw new IllegalStateException("signalled twice: " + subtask);
    }
  }

  private void requireReady(int reader) {
    if (!readers.containsKey(reader) || finished.contains(reader)) {
      throw new IllegalStateException("reader %d is not ready".formatted(reader));
    }
  }

  @Override
  public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
    asyncCalls.add(() -> call(callable, handler));
  }

  private static <T> void call(Callable<T> callable, BiConsumer<T, Throwable> handler) {
    T result;
    try {
      result = callable.call();
    } catch (Exception e) {
      handler.accept(null, e);
      return;
    }
    handler.accept(result, null);
  }

  @Override
  public <T> void callAsync(
      Callable<T> callable, BiConsumer<T, Throwable> handler, long delay, long period) {
    throw new UnsupportedOperationException("periodic calls");
  }

  @Override
  public void runInCoordinatorThread(Runnable runnable) {
    coordinatorCalls.add(runnable);
  }

  /** Runs what other threads want to be run on the coordinator's, which is the caller's. */
  void runCoordinatorCalls() {
    for (Runnable call = coordinatorCalls.poll(); call != null; call = coordinatorCalls.poll()) {
      call.run();
    }
  }
}
