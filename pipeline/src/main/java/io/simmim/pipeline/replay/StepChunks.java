package io.simmim.pipeline.replay;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.ThreadPriority;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.pipeline.evaluate.Workers;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The chunks of a run in their order, made again by the image path of its job: as many threads as
 * there are cores decode ahead. Belongs to one thread; closing ends the others.
 */
final class StepChunks implements AutoCloseable {
  /** The reason of those that the run could not use either, in this step or in another one. */
  static final String REJECTED = "rejected by the run";

  /** Chunks of a micro-batch that may be ahead of the one that is taken. */
  private static final int MICRO_BATCHES_AHEAD = 2;

  private final StoredRun run;
  private final PastImages stored;
  private final BitSet rejected;
  private final ExecutorService workers;
  private final BlockingQueue<ImagePath> paths;
  private final ArrayDeque<Future<TensorChunk>> ahead = new ArrayDeque<>();
  private final int mostAhead;
  private final long end;
  private long next;

  /**
   * Begins to decode.
   *
   * @param first number of the first chunk
   * @param end number of the chunk behind the last
   */
  StepChunks(StoredRun run, long first, long end) throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    this.run = run;
    this.rejected = rejections(run);
    this.next = first;
    this.end = end;
    this.mostAhead = MICRO_BATCHES_AHEAD * run.plan().chunksPerMicroBatch() + threads;
    SamplePath path = SamplePath.of(run.config());
    this.stored = new PastImages(run);
    this.workers = Executors.newFixedThreadPool(threads, StepChunks::decoder);
    this.paths = new ArrayBlockingQueue<>(threads);
    for (int i = 0; i < threads; i++) {
      paths.add(path.open());
    }
  }

  private static Thread decoder(Runnable task) {
    return new Thread(
        () -> {
          ThreadPriority.yieldToOthers(); // as the decoders of a run do
          task.run();
        },
        "simmim-replay-decoder");
  }

  /** A bit per image of the run. */
  private static BitSet rejections(StoredRun run) throws IOException {
    BitSet ids = new BitSet();
    StoredLines.forEachNode(
        run.folder().rejected(),
        line -> {
          int id = line.path("sample_id").asInt(-1);
          if (id >= 0) {
            ids.set(id);
          }
        });
    return ids;
  }

  /** The chunks of the next micro-batch. */
  List<TensorChunk> microBatch() throws IOException, InterruptedException {
    List<TensorChunk> chunks = new ArrayList<>();
    while (chunks.size() < run.plan().chunksPerMicroBatch()) {
      while (next < end && ahead.size() < mostAhead) {
        ChunkSplit split = run.chunks().apply(next++);
        List<ImageRef> images = List.copyOf(split.images()); // a view that one thread may look at
        ahead.add(workers.submit(() -> load(split, images)));
      }
      chunks.add(Workers.requireDone(ahead.remove()));
    }
    return chunks;
  }

  private TensorChunk load(ChunkSplit chunk, List<ImageRef> images)
      throws IOException, InterruptedException {
    ImagePath path = paths.take();
    try {
      List<EncodedImage> encoded = new ArrayList<>();
      for (ImageRef ref : images) {
        boolean unusable = rejected.get(Math.toIntExact(ref.sampleId()));
        encoded.add(stored.read(ref, unusable ? REJECTED : ""));
      }
      return path.apply(
          new EncodedChunk(chunk.chunk(), chunk.epoch(), chunk.firstPosition(), encoded));
    } finally {
      paths.add(path);
    }
  }

  @Override
  public void close() {
    Workers.end(workers);
    stored.close();
    paths.forEach(ImagePath::close);
  }
}
