package io.simmim.pipeline.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.job.TrainingRun;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.lease.Takeover;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs in one JVM with checkpoints that fail and succeed, exports, rejected images, restarts and
 * restores. What grows with each is a leak; what grows once was needed for the first time.
 */
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SoakITCase {
  private static final int EPOCHS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final int MORE_RUNS = 3;

  /** Of others: a pool that has grown in three runs in a row does not in ten. */
  private static final int MOST_MORE_RUNS = 10;

  /** What a run must have had to show anything. */
  private static final int LEAST_RESTARTS = 5;

  private static final int LEAST_CHECKPOINTS = 12;
  private static final int LEAST_FAILED_CHECKPOINTS = 2;

  /** Of one life of the job: too many for something of each of them to be taken for a pool. */
  private static final int CHECKPOINTS_OF_ONE_LIFE = 30;

  /** Of these, in each of the two ways. */
  private static final int FAILED_OF_ONE_LIFE = 4;

  @TempDir static Path work;
  private static Path images;

  @BeforeAll
  static void draw() throws Exception {
    assumeTrue(Census.canBeTaken(), "open files are counted in /proc");
    images = work.resolve("images");
    Photographs.draw(images, 40);
    Files.writeString(images.resolve("no-image.jpg"), "This is not a JPEG.");
    run("warm-up"); // loads classes and libraries, starts threads that stay
  }

  @AfterEach
  void letRunsEnd() {
    UnreliableFiles.release();
  }

  @Test
  @Order(1)
  void leavesNothingBehind() throws Exception {
    Census before = settled();
    List<String> said = new ArrayList<>(run("first"));
    Census between = settled();
    List<Census> ends = new ArrayList<>(List.of(between));
    while (ends.size() <= MORE_RUNS
        || (ends.size() <= MOST_MORE_RUNS && !grewEachTime(ends).isEmpty())) {
      said.addAll(run("again-" + ends.size()));
      ends.add(settled());
    }
    // Those of the last seconds of a run are not told any more.
    assertThat(said).filteredOn(line -> line.startsWith("restart ")).isNotEmpty();

    // Flink's calls between its parts are forgotten when they time out.
    await().atMost(LIMIT).untilAsserted(() -> assertNothingIsLeft(before, between, Census.take()));
    assertThat(grewEachTime(ends))
        .as("threads, files and buffers of others of which each run left more")
        .isEmpty();
  }

  /** Kinds of others, of which each run left more: a pool grows in some runs, a leak in all. */
  private static Set<String> grewEachTime(List<Census> ends) {
    Set<String> kinds = new HashSet<>(ends.get(0).others().keySet());
    kinds.addAll(ends.get(ends.size() - 1).others().keySet());
    for (int i = 1; i < ends.size(); i++) {
      kinds.retainAll(kinds(Census.grown(ends.get(i - 1).others(), ends.get(i).others(), 0)));
    }
    return kinds;
  }

  private static void assertNothingIsLeft(Census before, Census between, Census after) {
    assertThat(CountedFiles.notClosed()).as("files that are not closed").isEmpty();
    assertThat(after.threads()).as("threads").isEmpty();
    assertThat(after.tensors()).as("tensors").isZero();
    assertThat(after.tensorBytes()).as("bytes of tensors").isZero();
    List<String> once = kinds(Census.grown(before.objects(), between.objects(), 0));
    assertThat(Census.grown(between.objects(), after.objects(), 0))
        .as("objects that each run leaves behind")
        .noneMatch(line -> once.contains(kind(line)));
  }

  @Test
  @Order(2)
  void holdsNoMoreAfterManyCheckpoints() throws Exception {
    UnreliableFiles.Counts start = UnreliableFiles.counts();
    UnreliableFiles.hold(); // so all that happens is checkpoints
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(() -> uncheckedRun("held"), task -> new Thread(task).start());
    Census before = steady(start);
    int more = UnreliableFiles.counts().since(start).checkpointsCompleted();
    awaitCheckpoints(start, more + CHECKPOINTS_OF_ONE_LIFE);

    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              Census now = leastOf(3); // an upload may be under way
              assertThat(Census.grown(before.objects(), now.objects(), 0)).isEmpty();
              // Before, too, one may have been under way each time, on a busy machine.
              assertThat(now.tensors()).isLessThanOrEqualTo(before.tensors());
              assertThat(now.tensorBytes()).isLessThanOrEqualTo(before.tensorBytes());
              assertThat(Census.grown(before.threads(), now.threads(), 0)).isEmpty();
              assertThat(Census.grown(before.others(), now.others(), FAILED_OF_ONE_LIFE - 1))
                  .allMatch(Census::isOfClusterPool);
            });
    assertThat(UnreliableFiles.counts().since(start).imagesFailed()).isZero();
    assertThat(UnreliableFiles.counts().since(start).checkpointsFailed())
        .isGreaterThanOrEqualTo(2 * FAILED_OF_ONE_LIFE);
    UnreliableFiles.release();
    running.get();
  }

  /** Both want the same port for Flink's web UI. */
  @Test
  @Order(3)
  void leavesNothingBehindWhenTwoRunsStartTogether() throws Exception {
    CompletableFuture<Void> left =
        CompletableFuture.runAsync(() -> uncheckedTrain("left"), task -> new Thread(task).start());
    uncheckedTrain("right");
    left.get();

    Census after = settled();
    assertThat(after.tensors()).isZero();
  }

  /** When all chunks that may be under way are: on a busy machine that takes its time. */
  private static Census steady(UnreliableFiles.Counts start) throws Exception {
    AtomicReference<Census> last = new AtomicReference<>(leastOf(3));
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              int completed = UnreliableFiles.counts().since(start).checkpointsCompleted();
              awaitCheckpoints(start, completed + 3);
              Census now = leastOf(3);
              return Census.grown(last.getAndSet(now).objects(), now.objects(), 0).isEmpty();
            });
    return last.get();
  }

  private static void awaitCheckpoints(UnreliableFiles.Counts start, int count) {
    await()
        .atMost(LIMIT)
        .until(() -> UnreliableFiles.counts().since(start).checkpointsCompleted() >= count);
  }

  /** Without what is there during a checkpoint only. */
  private static Census leastOf(int censuses) throws Exception {
    Census least = Census.take();
    for (int i = 1; i < censuses; i++) {
      least = least.least(Census.take());
    }
    return least;
  }

  /** When the cluster of the last run has ended. */
  private static Census settled() throws Exception {
    await().atMost(LIMIT).until(() -> !Census.hasCluster());
    return leastOf(3);
  }

  private static List<String> kinds(List<String> lines) {
    return lines.stream().map(SoakITCase::kind).toList();
  }

  private static String kind(String line) {
    return line.substring(0, line.indexOf(':'));
  }

  private static void uncheckedRun(String name) {
    try {
      run(name);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void uncheckedTrain(String name) {
    try {
      train(name);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Trains to the end; returns what was said. */
  private static List<String> run(String name) throws Exception {
    UnreliableFiles.Counts before = UnreliableFiles.counts();
    List<String> said = train(name);
    UnreliableFiles.Counts counts = UnreliableFiles.counts().since(before);
    assertThat(counts.imagesFailed()).isGreaterThanOrEqualTo(LEAST_RESTARTS);
    assertThat(counts.checkpointsCompleted()).isGreaterThanOrEqualTo(LEAST_CHECKPOINTS);
    assertThat(counts.checkpointsFailed()).isGreaterThanOrEqualTo(LEAST_FAILED_CHECKPOINTS);
    return said;
  }

  private static List<String> train(String name) throws Exception {
    Path output = work.resolve(name);
    ConfigLoader loader = new ConfigLoader();
    loader.set(
        List.of(
            "image.size=32",
            "mask.patch-size=8",
            "encoder.patch-size=4",
            "encoder.embed-dim=32",
            "encoder.depth=2",
            "encoder.num-heads=2",
            "training.epochs=" + EPOCHS,
            "training.micro-batch=8",
            "training.accumulation=2",
            "training.chunk-images=4",
            "training.threads=1",
            "schedule.warmup-epochs=0",
            "parallelism=2",
            "fetch.attempts=1",
            "fetch.timeout=1h", // nobody is to give up what is held
            "fetch.window-chunks=8",
            "checkpoint.interval=100ms",
            "export.every-epochs=1",
            "flink.restart-strategy.type=fixed-delay",
            "flink.restart-strategy.fixed-delay.attempts=1000",
            "flink.restart-strategy.fixed-delay.delay=10ms",
            "flink.execution.checkpointing.tolerable-failed-checkpoints=1000"));
    loader.input(List.of(UnreliableFiles.uri(images)));
    loader.output(UnreliableFiles.uri(output));
    List<String> said = new CopyOnWriteArrayList<>();

    TrainingRun.End end =
        new TrainingRun(loader.load(), Resume.parse("latest"), Takeover.IF_DEAD, said::add)
            .run(TrainingRun.Place.EMBEDDED);

    assertThat(end).isEqualTo(TrainingRun.End.COMPLETE);
    assertThat(output.resolve("rejected.jsonl/00000000.jsonl")).content().contains("no-image.jpg");
    assertThat(output.resolve("model/model.safetensors")).exists();
    try (Stream<Path> files = Files.list(output)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("model-epoch-")))
          .hasSize(EPOCHS - 1);
    }
    return said;
  }
}
