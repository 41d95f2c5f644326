package io.simmim.trainer.operator.progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.schemas.thread.Threads;
import io.simmim.schemas.timing.StoredTime;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code progress.json} of an output: the last step that was taken, and when. Steps behind
 * the last checkpoint leave no other trace where a process is killed, and are taken again; whoever
 * goes on finds here how many they were, and until when there was somebody.
 *
 * <p>It is written once a second, and every five seconds where files are far away, by a thread of
 * its own, if there was a step since. So it may be behind by as much. Training does not depend on
 * it: what fails is logged, and not told, since checkpoints and metrics tell of the same storage.
 */
public final class ProgressNote implements StepListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressNote.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "progress.json";
  private static final int LONGEST_FILE = 1 << 12;
  private static final Duration NEAR = Duration.ofSeconds(1);
  private static final Duration FAR = Duration.ofSeconds(5);
  private static final Duration LONGEST_END = Duration.ofSeconds(10);

  private final Path file;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Optional<Reached> before = Optional.empty();
  private volatile Reached latest;
  private volatile Thread thread;

  /** Whether the last one could not be written: that is logged once. Belongs to who writes. */
  private boolean failing;

  /**
   * @param output folder of the run
   */
  public ProgressNote(String output) {
    this.file = file(output);
  }

  /** What the one of an output says; nothing if there is none, or it cannot be read. */
  public static Optional<Reached> stored(String output) {
    try {
      return read(file(output));
    } catch (IOException | RuntimeException e) { // some file systems throw these too
      LOG.info("{} cannot be read: {}", file(output), StorageFailure.reason(e));
      return Optional.empty();
    }
  }

  private static Path file(String output) {
    return new Path(new Path(output), FILE);
  }

  /**
   * How far the run was before this process trained it, once training has begun; nothing if nobody
   * noted it.
   */
  public Optional<Reached> before() {
    return before;
  }

  /** The note of before is replaced at once, so that nobody counts the same steps again. */
  @Override
  public void begun(long steps, Learner model) {
    try {
      before = read(file);
    } catch (IOException | RuntimeException e) { // some file systems throw these too
      LOG.warn("{} cannot be read: {}", file, StorageFailure.reason(e));
    }
    Reached beginning = new Reached(steps, System.currentTimeMillis());
    latest = beginning;
    write(beginning);
    thread = new Thread(() -> keepWriting(beginning), "simmim-progress");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) {
    latest = new Reached(metrics.step(), metrics.epochMillis());
  }

  private void keepWriting(Reached beginning) {
    Reached written = beginning;
    try {
      long interval = interval().toMillis();
      while (!closed.await(interval, TimeUnit.MILLISECONDS)) {
        Reached next = latest;
        if (next.step() != written.step()) {
          write(next);
          written = next;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration interval() {
    String scheme = file.toUri().getScheme();
    return scheme == null || ObjectStore.isLocal(scheme) ? NEAR : FAR;
  }

  private static Optional<Reached> read(Path file) throws IOException {
    try (InputStream in = file.getFileSystem().open(file)) {
      JsonNode note = JSON.readTree(in.readNBytes(LONGEST_FILE));
      long step = note.path("step").asLong(-1);
      Optional<Instant> time = StoredTime.parse(note.path("time").asText());
      if (step < 0 || time.isEmpty()) {
        throw new IOException("it is damaged");
      }
      return Optional.of(new Reached(step, time.get().toEpochMilli()));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** The next one replaces one that cannot be written. */
  private void write(Reached reached) {
    ObjectNode note = JSON.createObjectNode();
    note.put("step", reached.step());
    note.put("time", Instant.ofEpochMilli(reached.epochMillis()).toString());
    try {
      WholeFile.write(file, JSON.writeValueAsBytes(note));
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing && closed.getCount() > 0) {
        LOG.info("progress is not noted in {}: {}", file, StorageFailure.reason(e));
      }
      failing = true;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    if (thread != null && !Threads.end(thread, LONGEST_END)) {
      LOG.warn("{} is still being written", file);
    }
  }
}
