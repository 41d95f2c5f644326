package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.ListedImages;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ChunkSplitSerializer;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The real enumerator among simulated readers of random speed, with delayed events, checkpoints,
 * loss of one reader, of all readers, and of the job manager with another parallelism. Everything
 * that happens is a function of the {@link Random} it is given.
 */
final class SimulatedCluster {
  /** What a completed checkpoint holds. */
  private record Checkpoint(byte[] enumerator, List<List<byte[]>> readers, Set<Long> emitted) {}

  private static final class Reader {
    final TreeMap<Long, ChunkSplit> held = new TreeMap<>();
    final List<SourceEvent> unsent = new ArrayList<>();
    final List<ChunkSplit> sinceCheckpoint = new ArrayList<>();
  }

  private final ChunkSource source;
  private final long total;
  private final int window;
  private final Random random;
  private final SimpleVersionedSerializer<ChunkSplit> splits = new ChunkSplitSerializer();
  private final SimpleVersionedSerializer<ChunkEnumeratorState> states =
      new ChunkEnumeratorStateSerializer();

  final TreeSet<Long> emitted = new TreeSet<>();
  final List<ChunkSplit> handedOut = new ArrayList<>();
  final Set<String> happened = new HashSet<>();
  private FakeEnumeratorContext context;
  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator;
  private Reader[] readers;
  private Checkpoint checkpoint;
  private long checkpoints;

  SimulatedCluster(
      CatalogReference catalog, BatchPlan plan, Shuffle shuffle, int window, Random random)
      throws IOException {
    this.random = random;
    this.window = window;
    total = plan.totalChunks();
    FetchConfig fetch = FetchConfig.defaults();
    this.source =
        new ChunkSource(
            new ListedImages(catalog, plan, 3, shuffle),
            new FetchConfig(
                fetch.concurrency(),
                fetch.bytesInFlight(),
                fetch.maxObjectBytes(),
                fetch.attempts(),
                fetch.backoff(),
                fetch.timeout(),
                window),
            SuspectConfig.NONE);
    start(1 + random.nextInt(4));
  }

  void runToTheEnd() throws Exception {
    int trouble = 12;
    for (int step = 0; !finished(); step++) {
      assertThat(step).as("steps without an end").isLessThan(100_000);
      int action = random.nextInt(100);
      if (action < 50) {
        emitSomewhere();
      } else if (action < 92) {
        deliverSomewhere();
      } else if (action < 96) {
        takeCheckpoint();
      } else if (trouble-- > 0) {
        if (random.nextBoolean()) {
          loseAll();
        } else {
          restoreElsewhere();
        }
      }
    }
  }

  private boolean finished() {
    return context.finished.size() == readers.length
        && Arrays.stream(readers).allMatch(reader -> reader.held.isEmpty());
  }

  private void start(int parallelism) throws IOException {
    context = new FakeEnumeratorContext(parallelism);
    readers = new Reader[parallelism];
    Arrays.setAll(readers, i -> new Reader());
    if (checkpoint == null) {
      enumerator = source.createEnumerator(context);
    } else {
      enumerator =
          source.restoreEnumerator(
              context, states.deserialize(states.getVersion(), checkpoint.enumerator));
    }
    enumerator.start();
    revert();
    List<List<ChunkSplit>> restored = new ArrayList<>();
    IntStream.range(0, parallelism).forEach(i -> restored.add(new ArrayList<>()));
    if (checkpoint != null) {
      for (List<byte[]> state : checkpoint.readers) {
        for (byte[] split : state) {
          restored.get(random.nextInt(parallelism)).add(read(split));
        }
      }
      // Later losses restore from this redistribution.
      checkpoint = new Checkpoint(checkpoint.enumerator, bytes(restored), checkpoint.emitted);
    }
    register(restored);
  }

  private void register(List<List<ChunkSplit>> restored) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, readers.length).boxed().toList());
    Collections.shuffle(order, random);
    int catalogAfter = random.nextInt(readers.length + 1);
    for (int i = 0; i < readers.length; i++) {
      if (i == catalogAfter) {
        collect(context::runAsyncCalls);
      }
      registerOne(order.get(i), restored.get(order.get(i)));
    }
    collect(context::runAsyncCalls);
  }

  private void registerOne(int reader, List<ChunkSplit> restored) {
    readers[reader] = new Reader();
    context.register(reader, restored);
    collect(() -> enumerator.addReader(reader));
    readers[reader].unsent.add(new ChunkRequest(1 + random.nextInt(4)));
  }

  private void emitSomewhere() {
    Reader reader = readers[random.nextInt(readers.length)];
    if (reader.held.isEmpty()) {
      return;
    }
    long chunk = reader.held.pollFirstEntry().getKey();
    assertThat(emitted.add(chunk)).as("chunk %d is emitted once", chunk).isTrue();
    reader.unsent.add(new ChunkEmitted(chunk));
  }

  private void deliverSomewhere() {
    int reader = random.nextInt(readers.length);
    if (!readers[reader].unsent.isEmpty()) {
      SourceEvent event = readers[reader].unsent.remove(0);
      collect(() -> enumerator.handleSourceEvent(reader, event));
    }
  }

  /** Runs an action of the enumerator and brings what it assigned to the readers. */
  private void collect(Runnable action) {
    action.run();
    long lowest =
        LongStream.range(0, total).filter(c -> !emitted.contains(c)).findFirst().orElse(total);
    context.assigned.forEach(
        (reader, assigned) -> {
          for (ChunkSplit split : assigned) {
            assertThat(split.chunk() - lowest).as("lead of chunk").isBetween(0L, window - 1L);
            handedOut.add(split);
            readers[reader].sinceCheckpoint.add(split);
            ChunkSplit twice = readers[reader].held.put(split.chunk(), split);
            assertThat(twice).isNull();
          }
        });
    context.assigned.clear();
  }

  private void takeCheckpoint() throws Exception {
    byte[] enumeratorState = states.serialize(enumerator.snapshotState(++checkpoints));
    if (random.nextBoolean()) {
      // Readers go on until the barrier reaches them, and get nothing new until then.
      int before = handedOut.size();
      for (int i = random.nextInt(4); i > 0; i--) {
        emitSomewhere();
        deliverSomewhere();
      }
      assertThat(handedOut).hasSize(before);
    }
    List<List<byte[]>> state =
        bytes(Arrays.stream(readers).map(reader -> List.copyOf(reader.held.values())).toList());
    if (random.nextInt(4) == 0) {
      long aborted = checkpoints;
      collect(() -> notifyAborted(aborted));
      return;
    }
    for (Reader reader : readers) {
      reader.sinceCheckpoint.clear();
      reader.unsent.add(new BarrierPassed(checkpoints));
    }
    checkpoint = new Checkpoint(enumeratorState, state, Set.copyOf(emitted));
    happened.add("checkpoint");
  }

  private void notifyAborted(long aborted) {
    try {
      enumerator.notifyCheckpointAborted(aborted);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes downstream back to the checkpoint. */
  private void revert() {
    emitted.clear();
    if (checkpoint != null) {
      emitted.addAll(checkpoint.emitted);
    }
  }

  private void loseAll() throws IOException {
    happened.add("lost all");
    List<List<ChunkSplit>> back = new ArrayList<>();
    for (int i = 0; i < readers.length; i++) {
      back.add(List.copyOf(readers[i].sinceCheckpoint));
      context.unregister(i);
      readers[i] = new Reader();
    }
    revert();
    for (int i = 0; i < readers.length; i++) {
      int reader = i;
      collect(() -> enumerator.addSplitsBack(back.get(reader), reader));
    }
    List<List<ChunkSplit>> restored = new ArrayList<>();
    for (int i = 0; i < readers.length; i++) {
      restored.add(checkpointed(i));
    }
    register(restored);
  }

  private List<ChunkSplit> checkpointed(int reader) throws IOException {
    List<ChunkSplit> restored = new ArrayList<>();
    if (checkpoint != null) {
      for (byte[] split : checkpoint.readers.get(reader)) {
        restored.add(read(split));
      }
    }
    return restored;
  }

  private void restoreElsewhere() throws IOException {
    happened.add("restored");
    start(1 + random.nextInt(4));
  }

  private List<List<byte[]>> bytes(List<List<ChunkSplit>> held) throws IOException {
    List<List<byte[]>> bytes = new ArrayList<>();
    for (List<ChunkSplit> ofReader : held) {
      List<byte[]> serialized = new ArrayList<>();
      for (ChunkSplit split : ofReader) {
        serialized.add(splits.serialize(split));
      }
      bytes.add(serialized);
    }
    return bytes;
  }

  private ChunkSplit read(byte[] split) throws IOException {
    return splits.deserialize(splits.getVersion(), split);
  }
}
