package io.simmim.operators.source.reader;

import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ImagesRefused;
import io.simmim.operators.source.split.PendingChunks;
import io.simmim.operators.source.split.StorageFailed;
import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.ImagesInTurn;
import io.simmim.schemas.RejectedImage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Gauge;

/**
 * Emits the chunks that the enumerator sends, each whole, the lowest that it holds first; suspects
 * without the images that fail their trial. All methods run on the task thread; fetching runs on
 * the threads of {@link ChunkFetcher}. The splits of a checkpoint do not come back here but to the
 * enumerator.
 *
 * <p>Flink's metric {@code pendingRecords} counts chunks: those that are with this reader, and its
 * share of those that wait to be handed out.
 */
public final class ChunkReader implements SourceReader<EncodedChunk, ChunkSplit> {
  private final SourceReaderContext context;
  private final FetchConfig config;
  private final int chunksHeld;
  private final ChunkTrial trial;
  private final FetchMetrics metrics = new FetchMetrics();
  private final StorageProbe probe = new StorageProbe();
  private ChunkFetcher fetcher;
  private final Queue<BarrierPassed> passed = new ArrayDeque<>();
  private final Set<Long> suspects = new HashSet<>();
  private volatile long pendingElsewhere;
  private long waitingSince;

  public ChunkReader(
      SourceReaderContext context, FetchConfig config, int chunksHeld, ChunkTrial trial) {
    this.context = context;
    this.config = config;
    this.chunksHeld = chunksHeld;
    this.trial = trial;
  }

  @Override
  public void start() {
    String name = "chunk-fetcher-" + context.getIndexOfSubtask();
    fetcher = new ChunkFetcher(config, probe, metrics, name);
    metrics.register(context.metricGroup());
    context.metricGroup().<Long, Gauge<Long>>gauge("bytesInFlight", fetcher::bytesHeld);
    context.metricGroup().setPendingRecordsGauge(() -> pendingElsewhere + fetcher.held());
    context.sendSourceEventToCoordinator(new ChunkRequest(chunksHeld));
  }

  @Override
  public InputStatus pollNext(ReaderOutput<EncodedChunk> output)
      throws IOException, InterruptedException {
    if (waitingSince != 0) {
      metrics.waitNanos.add(System.nanoTime() - waitingSince);
      waitingSince = 0;
    }
    while (!passed.isEmpty()) {
      context.sendSourceEventToCoordinator(passed.remove());
    }
    EncodedChunk chunk = fetched();
    if (chunk != null) {
      if (suspects.remove(chunk.index())) {
        chunk = tried(chunk);
      }
      output.collect(chunk);
      output.releaseOutputForSplit(ChunkSplit.idOf(chunk.index()));
      count(chunk);
      context.sendSourceEventToCoordinator(new ChunkEmitted(chunk.index(), gone(chunk)));
      chunk.done();
    }
    if (fetcher.done()) {
      return InputStatus.END_OF_INPUT;
    }
    return fetcher.ready() ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
  }

  private EncodedChunk fetched() throws IOException {
    try {
      return fetcher.poll();
    } catch (IOException e) {
      context.sendSourceEventToCoordinator(new StorageFailed());
      throw e;
    }
  }

  /** Without the images that end the process which decodes them. */
  private EncodedChunk tried(EncodedChunk chunk) throws InterruptedException {
    if (chunk.images() instanceof ImagesInTurn inTurn) {
      return chunk.withImages(new TriedInTurn(chunk, inTurn, trial, this::refuse));
    }
    Map<Long, String> refused = trial.run(chunk);
    refuse(refused);
    return chunk.withImages(
        chunk.images().stream().map(image -> TriedInTurn.without(refused, image)).toList());
  }

  private void refuse(Map<Long, String> refused) {
    if (!refused.isEmpty()) {
      context.sendSourceEventToCoordinator(new ImagesRefused(refused));
    }
  }

  private static List<Long> gone(EncodedChunk chunk) {
    return chunk.images().stream()
        .filter(image -> image.failure() != null && image.ref().problem().isEmpty())
        .filter(image -> RejectedImage.isGone(image.failure()))
        .map(image -> image.ref().sampleId())
        .toList();
  }

  private void count(EncodedChunk chunk) {
    long bytes =
        chunk.images().stream()
            .filter(image -> image.failure() == null)
            .mapToLong(image -> image.ref().length())
            .sum();
    context.metricGroup().getIOMetricGroup().getNumRecordsInCounter().inc();
    context.metricGroup().getIOMetricGroup().getNumBytesInCounter().inc(bytes);
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    if (!passed.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> available = fetcher.available();
    if (!available.isDone() && fetcher.isBusy() && waitingSince == 0) {
      waitingSince = System.nanoTime();
    }
    return available;
  }

  @Override
  public List<ChunkSplit> snapshotState(long checkpointId) {
    // Told in the next poll, when Flink has told its coordinator: see ChunkEnumerator, step 4.
    passed.add(new BarrierPassed(checkpointId));
    fetcher.wakeUp();
    return fetcher.unfinished();
  }

  @Override
  public void addSplits(List<ChunkSplit> splits) {
    splits.stream().filter(ChunkSplit::suspect).forEach(split -> suspects.add(split.chunk()));
    fetcher.add(splits);
  }

  @Override
  public void notifyNoMoreSplits() {
    fetcher.noMoreChunks();
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (event instanceof PendingChunks pending) {
      pendingElsewhere = pending.chunks();
    } else if (event instanceof CatalogRoots roots) {
      probe.setRoots(roots);
    } else {
      throw new IllegalArgumentException("unknown event of the chunk enumerator: " + event);
    }
  }

  @Override
  public void close() {
    if (fetcher != null) {
      fetcher.close();
    }
  }
}
