package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.ArrivalSequence;
import io.simmim.operators.arrival.ArrivedObject;
import io.simmim.operators.arrival.Backlog;
import io.simmim.operators.arrival.EventSource;
import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.ArrivalFeed;
import io.simmim.operators.arrival.feed.ArrivalThread;
import io.simmim.operators.arrival.feed.ListingFeed;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks of images that keep arriving. Its life:
 *
 * <ol>
 *   <li>A worker thread reads the log that the checkpoint stands for; a new run begins one.
 *   <li>A thread per feed polls it and delivers here, on the coordinator thread, unless too many
 *       images wait.
 *   <li>The next chunk is decided on when a reader asks for it.
 *   <li>A checkpoint writes what is new in the log and refers to it, together with the offsets up
 *       to which Kafka has been read. When it is complete, the feeds are told.
 * </ol>
 *
 * <p>Metrics of the source's coordinator: gauges {@code arrivedImages}, {@code waitingImages}
 * (arrived and not handed out yet), {@code deletedImages}, {@code arrivalLogBytes}; counters {@code
 * duplicateArrivals}, and {@code skippedEvents} of group {@code reason}.
 */
final class ArrivalPlans implements ChunkPlans, ArrivalThread.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(ArrivalPlans.class);

  private final ArrivalSourceConfig config;
  private final BatchPlan plan;
  private final PlanState.Arriving initial;
  private final CatalogRoots inputs;
  private final Backlog backlog;
  private final StorageProbe probe;
  private final ShardIndexer shards;
  private final Map<Integer, Long> offsets = new TreeMap<>();

  /** Of which topic the offsets are. */
  private String sourceId = "";

  private final List<ArrivalThread> threads = new ArrayList<>();
  private final Map<String, Counter> skipped = new HashMap<>();
  private SplitEnumeratorContext<ChunkSplit> context;
  private Runnable changed;
  private Counter duplicates;
  private ArrivalLogFiles files;
  private ArrivalSequence sequence;
  private Optional<ListingFeed> listing = Optional.empty();
  private CatalogRoots roots;

  /** Set with {@link #threads} locked: Flink closes on a thread of its own. */
  private volatile boolean closed;

  /**
   * Plans what is not loaded yet.
   *
   * @param initial the state of a checkpoint; of a new run one without a log
   */
  ArrivalPlans(ArrivingImages images, PlanState.Arriving initial) {
    this.config = images.config();
    this.plan = images.plan();
    this.initial = initial;
    this.inputs = new CatalogRoots(StorageProbe.places(config.inputs()), true);
    this.backlog = new Backlog(config.maxWaiting());
    this.probe = new StorageProbe();
    probe.setRoots(inputs);
    this.shards =
        new ShardIndexer(
            probe,
            new ShardReading(1, images.fetch().attempts(), images.fetch().backoff()),
            config.seed());
    EventSource before = EventSource.parse(initial.topic());
    if (config.continues(before.uri())) {
      offsets.putAll(initial.offsets());
      sourceId = before.id();
    } else if (config.events() != null && !before.uri().isEmpty()) {
      LOG.warn(
          "Events of {} were read before; those of {} are read as in a new run",
          before.uri(),
          config.topic());
    }
  }

  @Override
  public void start(SplitEnumeratorContext<ChunkSplit> enumerator, Runnable onChange) {
    context = enumerator;
    changed = onChange;
    context.callAsync(this::open, this::opened);
  }

  /** What takes long is done before the coordinator thread has it. */
  private record Opened(
      ArrivalLogFiles files, ArrivalSequence sequence, Optional<ListingFeed> listing) {}

  private Opened open() throws IOException {
    Path folder = new Path(config.logFolder());
    ArrivalLogFiles log =
        initial.log().isPresent()
            ? ArrivalLogFiles.restore(folder, initial.log().get())
            : ArrivalLogFiles.begin(folder, ArrivalLog.begin(initial.header()));
    Optional<ListingFeed> feed =
        config.followInterval() == null
            ? Optional.empty()
            : Optional.of(
                new ListingFeed(
                    config.inputs(),
                    config.excludedFolders(),
                    config.followInterval(),
                    config.seed(),
                    log.log(),
                    probe));
    return new Opened(log, new ArrivalSequence(log.log()), feed);
  }

  private void opened(Opened opened, Throwable failure) {
    if (closed) {
      return;
    }
    if (failure != null) {
      failed(failure);
    }
    files = opened.files;
    sequence = opened.sequence;
    files.log().noteRoots(config.inputs());
    roots = inputs;
    LOG.info(
        "{} images arrived before, {} of them are not trained on yet, and {} are gone",
        files.log().size(),
        sequence.waiting(),
        files.log().deleted());
    registerMetrics();
    backlog.set(sequence.waiting());
    try {
      listing = opened.listing;
      startFeeds();
    } catch (UserError e) {
      failed(e);
    }
    changed.run();
  }

  private void registerMetrics() {
    MetricGroup group = context.metricGroup();
    group.<Long, Gauge<Long>>gauge("arrivedImages", () -> sequence.log().size());
    group.<Long, Gauge<Long>>gauge("waitingImages", () -> sequence.waiting());
    group.<Long, Gauge<Long>>gauge("deletedImages", () -> sequence.log().deleted());
    group.<Long, Gauge<Long>>gauge("arrivalLogBytes", () -> sequence.memoryBytes());
    duplicates = group.counter("duplicateArrivals");
  }

  private void startFeeds() {
    synchronized (threads) {
      if (closed) {
        return;
      }
      listing.ifPresent(feed -> threads.add(thread("arrivals-listing", feed)));
      if (config.events() != null) {
        S3Notifications notifications =
            new S3Notifications(config.inputs(), config.excludedFolders());
        threads.add(
            thread(
                "arrivals-events",
                config.events().open(new FeedPosition(sourceId, offsets), notifications)));
      }
      threads.forEach(ArrivalThread::start);
    }
  }

  private ArrivalThread thread(String name, ArrivalFeed feed) {
    return new ArrivalThread(
        name, feed, backlog, shards::members, context::runInCoordinatorThread, this);
  }

  @Override
  public boolean isNew(Arrival shard) {
    boolean isNew = !closed && sequence.isNew(shard);
    if (!isNew) {
      duplicates.inc();
    }
    return isNew;
  }

  @Override
  public void accept(ArrivalThread.Delivery delivery) {
    if (closed) {
      return;
    }
    for (ArrivedObject object : delivery.objects()) {
      if (sequence.accept(object) == 0 && object.arrival().kind() == Arrival.Kind.CREATED) {
        duplicates.inc();
      }
    }
    ArrivalBatch.move(offsets, delivery.offsets());
    if (!delivery.sourceId().isEmpty()) {
      sourceId = delivery.sourceId();
    }
    delivery.skipped().forEach(this::count);
    backlog.set(sequence.waiting());
    changed.run();
  }

  private void count(String reason, long events) {
    skipped
        .computeIfAbsent(
            reason,
            added -> {
              LOG.warn("Events are not used (counted from here on): {}", added);
              return context
                  .metricGroup()
                  .addGroup("reason", added.replace(' ', '-'))
                  .counter("skippedEvents");
            })
        .inc(events);
  }

  @Override
  public void failed(Throwable failure) {
    if (failure instanceof UserError) {
      throw new SuppressRestartsException(failure);
    }
    throw new FlinkRuntimeException("images that arrive cannot be followed", failure);
  }

  @Override
  public CatalogRoots roots() {
    return roots;
  }

  @Override
  public boolean canPlan(long chunk) {
    // A run that is to end does not wait for images that may never come.
    WhenIdle idle = plan.isEndless() ? config.whenIdle() : WhenIdle.REPLAY;
    boolean ready = sequence.ready(chunk, idle);
    backlog.set(sequence.waiting());
    return ready;
  }

  /** Those of new images; older ones can always be drawn again. */
  @Override
  public long waitingChunks(long nextChunk) {
    return sequence == null
        ? 0
        : (sequence.waiting() + plan.chunkImages() - 1) / plan.chunkImages();
  }

  @Override
  public ChunkSplit split(long chunk) {
    return new ChunkSplit(
        chunk, plan.epochOf(chunk), plan.firstPositionOf(chunk), sequence.images(chunk));
  }

  @Override
  public void gone(List<Long> sampleIds) {
    for (long id : sampleIds) {
      Optional<ArrivedImage> image = sequence.gone(id);
      image.ifPresent(missed -> listing.ifPresent(feed -> feed.missed(missed)));
    }
  }

  @Override
  public PlanState snapshot(long checkpoint) throws IOException {
    threads.forEach(thread -> thread.snapshot(checkpoint));
    return new PlanState.Arriving(
        files == null ? initial.log() : Optional.of(files.write(checkpoint)),
        initial.header(),
        initial.microBatch(),
        initial.accumulation(),
        new EventSource(config.topic(), sourceId).toString(),
        offsets);
  }

  @Override
  public void completed(long checkpoint) {
    if (files != null) {
      files.completed(checkpoint);
      threads.forEach(thread -> thread.completed(checkpoint));
    }
  }

  @Override
  public void close() {
    synchronized (threads) {
      closed = true;
      threads.forEach(ArrivalThread::close);
    }
  }
}
