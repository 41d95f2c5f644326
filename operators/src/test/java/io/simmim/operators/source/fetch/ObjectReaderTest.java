package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ObjectReaderTest extends ObjectReaderCase {
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

  /** On a busy machine a thread takes its time to answer to interruption. */
  @Test
  void interruptsWhatDoesNotAnswer() {
    useTimeout(Duration.ofSeconds(1));
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
        .hasMessage("cannot read flaky:%s in 3 attempts: no answer within 1 s".formatted(file));
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
            "cannot read flaky:%s: no answer within 40 ms, nor to interruption".formatted(file));
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
}
