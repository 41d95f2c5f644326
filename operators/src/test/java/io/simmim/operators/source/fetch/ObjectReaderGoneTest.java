package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.ImageRef;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ObjectReaderGoneTest extends ObjectReaderCase {
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
}
