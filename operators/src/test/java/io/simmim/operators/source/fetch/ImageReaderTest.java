package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageReaderTest {
  private static final FetchConfig CONFIG =
      new FetchConfig(1, 100, 10, 3, Duration.ofMillis(1), Duration.ofSeconds(60), 1);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("a.jpg"), "0123456789");
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  @Test
  void triesAgain() throws IOException {
    AtomicInteger attempts = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (attempts.incrementAndGet() < 3) {
            throw new IOException("Connection reset");
          }
        });

    assertThat(new String(read(0, 10).bytes(), StandardCharsets.UTF_8)).isEqualTo("0123456789");
  }

  @Test
  void tellsWhatCannotBeUsedFromStorageThatIsAway() throws IOException {
    FlakyFileSystem.onOpen(
        path -> {
          throw new AccessDeniedException(path.toString());
        });
    assertThat(read(0, 10).failure()).isEqualTo("permission denied");
    FlakyFileSystem.onOpen(
        path -> {
          throw new IOException("no route to host");
        });
    assertThatThrownBy(() -> read(0, 10))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read flaky:%s in 3 attempts: no route to host".formatted(file));
  }

  @Test
  void namesAnImageThatIsShorterNowOrTooLarge() throws IOException {
    assertThat(read(0, 11).failure()).startsWith("larger than max-object-bytes 10");
    Files.writeString(file, "01234");
    assertThat(read(0, 10).failure()).isEqualTo("changed since it was listed: 5 bytes now");
  }

  @Test
  void readsAMemberOfAShard() throws IOException {
    try (ImageReader reader = reader()) {
      EncodedImage image = reader.read(new ImageRef(0, "flaky:" + file, 3, 4, "member.jpg", ""));

      assertThat(new String(image.bytes(), StandardCharsets.UTF_8)).isEqualTo("3456");
    }
  }

  private EncodedImage read(long offset, int length) throws IOException {
    try (ImageReader reader = reader()) {
      return reader.read(new ImageRef(0, "flaky:" + file, offset, length));
    }
  }

  private ImageReader reader() {
    return new ImageReader(CONFIG, new CatalogRoots(List.of("flaky:" + folder)));
  }
}
