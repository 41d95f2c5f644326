package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectReaderTest {
  private static final int ATTEMPTS = 3;

  @TempDir Path folder;
  private Path file;
  private final FetchMetrics metrics = new FetchMetrics();
  private final List<IOException> stuck = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private AttemptTimer timer;
  private ObjectReader reader;

  @BeforeEach
  void file() throws IOException {
    file = Files.writeString(folder.resolve("a.jpg"), "0123456789");
    useTimeout(Duration.ofSeconds(60));
  }

  private void useTimeout(Duration timeout) {
    use(timeout, new CatalogRoots(List.of("flaky:" + folder, "file:" + folder)));
  }

  private void useRoots(CatalogRoots roots) {
    use(Duration.ofSeconds(60), roots);
  }

  private void use(Duration timeout, CatalogRoots roots) {
    if (timer != null) {
      timer.close();
    }
    timer = new AttemptTimer(timeout, "test-timer", stuck::add);
    StorageProbe probe = new StorageProbe();
    probe.setRoots(roots);
    FetchConfig config = new FetchConfig(1, 100, 1000, ATTEMPTS, Duration.ofMillis(1), timeout, 1);
    reader = new ObjectReader(config, probe, timer, metrics, closed);
  }

  @AfterEach
  void reset() {
    timer.close();
    FlakyFileSystem.reset();
  }

  @Test
  void readsWholeObjectsAndRanges() throws Exception {
    assertThat(text(read(0, 10))).isEqualTo("0123456789");
    assertThat(text(read(3, 4))).isEqualTo("3456");
    assertThat(metrics.objects.sum()).isEqualTo(2);
    assertThat(metrics.bytes.sum()).isEqualTo(14);
  }

  @Test
  void readsNeighboursInAShardByOneRequest() throws Exception {
    List<EncodedImage> images = read(member(1, 3), member(4, 0), member(6, 4));

    assertThat(text(images.get(0))).isEqualTo("123");
    assertThat(images.get(1).failure()).isEqualTo("the file is empty");
    assertThat(text(images.get(2))).isEqualTo("6789");
    assertThat(metrics.requests.sum()).isEqualTo(1);
    assertThat(FlakyFileSystem.opens()).isEqualTo(1);
  }

  @Test
  void rejectsTheMembersThatAShortenedShardNoLongerHolds() throws Exception {
    List<EncodedImage> images = read(member(1, 3), member(6, 5));

    assertThat(text(images.get(0))).isEqualTo("123");
    assertThat(images.get(1).failure()).isEqualTo("changed since it was listed: 10 bytes now");
    Files.writeString(folder.resolve("other.tar"), "x");
    Files.delete(file);
    assertThat(read(member(1, 3), member(6, 4)))
        .extracting(EncodedImage::failure)
        .containsOnly("deleted since it was listed");
  }

  @Test
  void readsAShardAgainWhenItsStreamEndsEarly() {
    FlakyFileSystem.truncateAfter(4);

    assertThatThrownBy(() -> read(member(1, 2), member(6, 4)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read flaky:%s!/1.jpg in 3 attempts: 3 of 9 bytes arrived".formatted(file));
  }

  @Test
  void rejectsWhatTheCatalogKnowsToBeUnusableWithoutReading() throws Exception {
    ImageRef sparse = new ImageRef(0, "flaky:" + file, 1, 3, "a.jpg", "a sparse file");

    assertThat(read(sparse).get(0).failure()).isEqualTo("a sparse file");
    assertThat(metrics.unreadable.sum()).isEqualTo(1);
    assertThat(FlakyFileSystem.opens()).isZero();
  }

  private ImageRef member(long offset, int length) {
    return new ImageRef(offset, "flaky:" + file, offset, length, offset + ".jpg", "");
  }

  @Test
  void triesAgain() throws Exception {
    AtomicInteger opens = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (opens.incrementAndGet() < ATTEMPTS) {
            throw new IOException("connection reset");
          }
        });

    assertThat(text(read(0, 10))).isEqualTo("0123456789");
    assertThat(metrics.retries.sum()).isEqualTo(2);
  }

  @Test
  void failsWhenNoAttemptSucceeds() {
    FlakyFileSystem.onOpen(
        path -> {
          throw new IOException("connection reset");
        });

    assertThatThrownBy(() -> read(0, 10))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read flaky:%s in 3 attempts: connection reset".formatted(file))
        .hasRootCauseMessage("connection reset");
  }

  @Test
  void retriesErrorsOfTheStorageClient() {
    FlakyFileSystem.onOpen(
        path -> {
          throw new IllegalStateException("connection pool shut down");
        });

    assertThatThrownBy(() -> read(0, 10))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read flaky:%s in 3 attempts: connection pool shut down".formatted(file));
  }

  @Test
  void rejectsASingleFileThatIsGone() throws Exception {
    Files.writeString(folder.resolve("other.jpg"), "x");
    Files.delete(file);

    assertThat(read(0, 10).failure()).isEqualTo("deleted since it was listed");
    assertThat(readLocally().failure()).isEqualTo("deleted since it was listed");
    assertThat(metrics.unreadable.sum()).isEqualTo(2);
    assertThat(metrics.retries.sum()).isZero();
  }

  @Test
  void rejectsASingleFileThatMayNotBeRead() throws Exception {
    FlakyFileSystem.onOpen(
        path -> {
          throw new AccessDeniedException(path.toString());
        });
    assertThat(read(0, 10).failure()).isEqualTo("permission denied");
    FlakyFileSystem.onOpen(
        path -> {
          throw new FileNotFoundException(path.getPath() + " (Permission denied)");
        });

    assertThat(read(0, 10).failure()).isEqualTo("permission denied");
  }

  @Test
  void failsWhenTheWholeInputIsGone() throws Exception {
    Path moved = Files.move(folder, folder.resolveSibling(folder.getFileName() + "-moved"));
    try {
      assertThatThrownBy(() -> read(0, 10))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "cannot read flaky:%s in 3 attempts: the input flaky:%s is gone: "
                  .formatted(file, folder));
    } finally {
      Files.move(moved, folder);
    }
  }

  /** Who may only read objects sees that storage answers when others are read. */
  @Test
  void rejectsWhatIsGoneWhereFoldersMayNotBeAskedFor() throws Exception {
    Path other = Files.writeString(folder.resolve("other.jpg"), "0123456789");
    Files.delete(file);
    FlakyFileSystem.onStatus(
        path -> {
          throw new AccessDeniedException(path.toString());
        });
    assertThatThrownBy(() -> read(0, 10))
        .hasMessageContaining("the input flaky:%s is gone: ".formatted(folder));
    AtomicInteger opens = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (path.getName().equals("a.jpg") && opens.incrementAndGet() == 2) {
            assertThat(uninterrupted(new ImageRef(1, "flaky:" + other, 0, 10))).hasSize(1);
          }
        });

    assertThat(read(0, 10).failure()).isEqualTo("deleted since it was listed");
  }

  @Test
  void rejectsWhatIsInNoInputWhileAnInputAnswers() throws Exception {
    useRoots(new CatalogRoots(List.of("flaky:" + folder), true));
    ImageRef elsewhere = new ImageRef(0, "file:/nowhere/of/any/use/a.jpg", 0, 10);
    ImageRef nameless = new ImageRef(0, "nowhere://bucket/a.jpg", 0, 10);

    assertThat(read(elsewhere).get(0).failure()).isEqualTo("deleted since it was listed");
    assertThat(read(nameless).get(0).failure())
        .startsWith("Could not find a file system implementation for scheme 'nowhere'");
    FlakyFileSystem.onStatus(
        path -> {
          throw new IOException("connection reset");
        });
    assertThatThrownBy(() -> read(elsewhere)).hasMessageContaining("is gone: ");
    useRoots(new CatalogRoots(List.of("flaky:" + folder)));
    FlakyFileSystem.onStatus(path -> {});
    assertThatThrownBy(() -> read(elsewhere)).hasMessageContaining("is gone: ");
  }

  @Test
  void failsWhenItsOwnInputMayNotBeReadWhateverOthersAnswer() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("b.jpg"), "0123456789");
    useRoots(new CatalogRoots(List.of("flaky:" + own, "flaky:" + other), true));
    ImageRef image = new ImageRef(0, "flaky:" + own + "/a.jpg", 0, 10);
    FlakyFileSystem.Trouble denied =
        path -> {
          if (path.getPath().startsWith(own.toString())) {
            throw new AccessDeniedException(path.toString());
          }
        };
    FlakyFileSystem.onOpen(denied);
    FlakyFileSystem.onStatus(denied);
    assertThat(read(new ImageRef(1, "flaky:" + other + "/b.jpg", 0, 10)).get(0).failure()).isNull();
    assertThatThrownBy(() -> read(image))
        .hasMessageContaining("the input flaky:%s is gone: ".formatted(own));
    FlakyFileSystem.reset();
    Files.delete(own);

    assertThat(read(image).get(0).failure()).isEqualTo("deleted since it was listed");
  }

  @Test
  void takesAnEmptyFolderForADiskThatIsNotMounted() throws IOException {
    Files.delete(file);

    assertThatThrownBy(this::readLocally)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read file:%s in 3 attempts: the input file:%s is gone: the folder is empty"
                .formatted(file, folder));
  }

  @Test
  void looksTwiceBeforeItRejects() throws Exception {
    AtomicInteger opens = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (opens.incrementAndGet() == 1) {
            throw new FileNotFoundException("not mounted");
          }
        });

    assertThat(text(read(0, 10))).isEqualTo("0123456789");
  }

  @Test
  void rejectsWhatChangedItsSize() throws Exception {
    assertThat(read(0, 11).failure()).isEqualTo("changed since it was listed: 10 bytes now");
    assertThat(read(0, 9).failure()).isEqualTo("changed since it was listed: 10 bytes now");
    assertThat(read(0, 0).failure()).isEqualTo("changed since it was listed: 10 bytes now");
    assertThat(read(5, 6).failure()).isEqualTo("changed since it was listed: 10 bytes now");
  }

  @Test
  void triesAgainWhenAStreamEndsEarly() {
    FlakyFileSystem.truncateAfter(4);

    assertThatThrownBy(() -> read(0, 10))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read flaky:%s in 3 attempts: 4 of 10 bytes arrived".formatted(file));
  }

  @Test
  void rejectsEmptyAndTooLargeObjects() throws Exception {
    Files.writeString(file, "");
    assertThat(read(0, 0).failure()).isEqualTo("the file is empty");

    assertThat(read(0, 1001).failure()).isEqualTo("larger than max-object-bytes 1000");
  }

  @Test
  void interruptsWhatDoesNotAnswer() {
    useTimeout(Duration.ofMillis(50));
    FlakyFileSystem.onOpen(
        path -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
          }
        });

    assertThatThrownBy(() -> read(0, 10))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read flaky:%s in 3 attempts: no answer within PT0.05S".formatted(file));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(stuck).isEmpty();
  }

  @Test
  void tellsOfWhatDoesNotEvenAnswerToInterruption() throws Exception {
    useTimeout(Duration.ofMillis(20));
    FlakyFileSystem.onOpen(
        path -> {
          while (stuck.isEmpty()) {
            Thread.onSpinWait();
          }
        });

    assertThat(text(read(0, 10))).isEqualTo("0123456789");
    assertThat(stuck.get(0))
        .hasMessage(
            "cannot read flaky:%s: no answer within PT0.04S, nor to interruption".formatted(file));
  }

  @Test
  void stopsRetryingWhenItIsClosed() {
    FlakyFileSystem.onOpen(
        path -> {
          closed.countDown();
          throw new IOException("connection reset");
        });

    assertThatThrownBy(() -> read(0, 10)).isInstanceOf(InterruptedException.class);
  }

  private EncodedImage read(long offset, int length) throws IOException, InterruptedException {
    return read(new ImageRef(0, "flaky:" + file, offset, length)).get(0);
  }

  private List<EncodedImage> read(ImageRef... images) throws IOException, InterruptedException {
    List<ImageRun> runs = ImageRun.of(List.of(images), 1000);
    assertThat(runs).hasSize(1);
    return reader.read(runs.get(0));
  }

  private List<EncodedImage> uninterrupted(ImageRef image) throws IOException {
    try {
      return read(image);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private EncodedImage readLocally() throws Exception {
    return read(new ImageRef(0, "file:" + file, 0, 10)).get(0);
  }

  private static String text(EncodedImage image) {
    assertThat(image.failure()).isNull();
    return new String(image.bytes(), StandardCharsets.UTF_8);
  }
}
