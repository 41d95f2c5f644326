package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What these tests share. */
abstract class ObjectReaderCase {
  static final int ATTEMPTS = 3;
  @TempDir Path folder;
  Path file;
  final FetchMetrics metrics = new FetchMetrics();
  final List<IOException> stuck = new CopyOnWriteArrayList<>();
  final CountDownLatch closed = new CountDownLatch(1);
  AttemptTimer timer;
  ObjectReader reader;

  @BeforeEach
  void file() throws IOException {
    file = Files.writeString(folder.resolve("a.jpg"), "0123456789");
    useTimeout(Duration.ofSeconds(60));
  }

  void useTimeout(Duration timeout) {
    use(timeout, new CatalogRoots(List.of("flaky:" + folder, "file:" + folder)));
  }

  void useRoots(CatalogRoots roots) {
    use(Duration.ofSeconds(60), roots);
  }

  void use(Duration timeout, CatalogRoots roots) {
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

  ImageRef member(long offset, int length) {
    return new ImageRef(offset, "flaky:" + file, offset, length, offset + ".jpg", "");
  }

  EncodedImage read(long offset, int length) throws IOException, InterruptedException {
    return read(new ImageRef(0, "flaky:" + file, offset, length)).get(0);
  }

  List<EncodedImage> read(ImageRef... images) throws IOException, InterruptedException {
    List<ImageRun> runs = ImageRun.of(List.of(images), 1000);
    assertThat(runs).hasSize(1);
    return reader.read(runs.get(0));
  }

  List<EncodedImage> uninterrupted(ImageRef image) throws IOException {
    try {
      return read(image);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  EncodedImage readLocally() throws Exception {
    return read(new ImageRef(0, "file:" + file, 0, 10)).get(0);
  }

  static String text(EncodedImage image) {
    assertThat(image.failure()).isNull();
    return new String(image.bytes(), StandardCharsets.UTF_8);
  }
}
