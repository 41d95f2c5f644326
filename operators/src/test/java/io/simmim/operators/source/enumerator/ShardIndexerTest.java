package io.simmim.operators.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.catalog.tar.TestShard;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.RejectedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardIndexerTest {
  private static final int ATTEMPTS = 3;

  @TempDir private Path folder;
  private Path shard;
  private ShardIndexer indexer;

  @BeforeEach
  void writeShard() throws IOException {
    shard = folder.resolve("a.tar");
    new TestShard()
        .file("x.jpg", new byte[700])
        .file("y.jpg", new byte[700])
        .file("z.jpg", new byte[700])
        .write(shard);
    Files.writeString(folder.resolve("other.jpg"), "image");
    StorageProbe probe = new StorageProbe();
    probe.setRoots(new CatalogRoots(List.of("flaky:" + folder), true));
    indexer = new ShardIndexer(probe, new ShardReading(1, ATTEMPTS, Duration.ofMillis(1)), 7);
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  private List<ImageRef> members(long length) throws IOException {
    return members("flaky:" + shard, length);
  }

  private List<ImageRef> members(String uri, long length) throws IOException {
    return indexer.members(new Arrival(Arrival.Kind.CREATED, uri, length, "e:1", 5, "t/0@1"));
  }

  private void isRejected(String reason) throws IOException {
    assertThat(members(Files.exists(shard) ? Files.size(shard) : 4096))
        .containsExactly(new ImageRef(0, "flaky:" + shard, 0, 0, "", reason));
  }

  @Test
  void findsTheImagesInAnOrderOfItsOwn() throws IOException {
    List<ImageRef> members = members(Files.size(shard));

    assertThat(members)
        .extracting(ImageRef::member)
        .containsExactlyInAnyOrder("x.jpg", "y.jpg", "z.jpg");
    assertThat(members(Files.size(shard))).isEqualTo(members);
  }

  @Test
  void rejectsAShardThatIsGone() throws IOException {
    Files.delete(shard);

    isRejected("deleted since it was listed");
    assertThat(RejectedImage.isGone(members(4096).get(0).problem())).isTrue();
  }

  @Test
  void rejectsAShardThatMayNotBeRead() throws IOException {
    FlakyFileSystem.onOpen(
        path -> {
          throw new AccessDeniedException(path.toString());
        });
    isRejected("permission denied");
    FlakyFileSystem.onOpen(
        path -> {
          throw new FileNotFoundException(path.getPath() + " (Permission denied)");
        });
    isRejected("permission denied");
  }

  @Test
  void usesAShorterShardUpToItsEndAndSaysSo() throws IOException {
    List<ImageRef> members = members(Files.size(shard) + 10_240);

    assertThat(members).hasSize(3).allMatch(image -> image.problem().isEmpty());
    byte[] cut = Arrays.copyOf(Files.readAllBytes(shard), 2000);
    long length = Files.size(shard);
    Files.write(shard, cut);
    assertThat(members(length))
        .filteredOn(image -> !image.problem().isEmpty())
        .extracting(ImageRef::problem)
        .containsExactly(
            "the shard is damaged at byte 1536 (nothing from there on is used): it has 2000 bytes"
                + " now, not %d".formatted(length));
    Files.write(shard, new byte[0]);
    assertThat(members(length))
        .extracting(ImageRef::problem)
        .containsExactly("not a tar shard: it has 0 bytes now, not %d".formatted(length));
  }

  @Test
  void rejectsWhatIsNoShard() throws IOException {
    Files.writeString(shard, "<html>".repeat(1000));

    assertThat(members(6000))
        .extracting(ImageRef::problem)
        .singleElement()
        .asString()
        .startsWith("not a tar shard: ");
  }

  /** Only images of an earlier input could be there. */
  @Test
  void rejectsWhatIsOnNoFileSystem() throws IOException {
    assertThat(members("nowhere://bucket/a.tar", 4096))
        .extracting(ImageRef::problem)
        .singleElement()
        .asString()
        .startsWith("Could not find a file system implementation for scheme 'nowhere'");
  }

  @Test
  void looksTwiceBeforeItRejects() throws IOException {
    AtomicInteger opens = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (opens.incrementAndGet() == 1) {
            throw new FileNotFoundException("not mounted");
          }
        });

    assertThat(members(Files.size(shard))).hasSize(3);
  }

  @Test
  void triesAgainAndFailsWhenStorageIsAway() throws IOException {
    AtomicInteger opens = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (opens.incrementAndGet() < ATTEMPTS) {
            throw new IOException("connection reset");
          }
        });
    assertThat(members(Files.size(shard))).hasSize(3);
    FlakyFileSystem.onOpen(
        path -> {
          throw new IOException("connection reset");
        });

    assertThatThrownBy(() -> members(4096))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read flaky:%s at byte 0 in 3 attempts: connection reset".formatted(shard));
  }

  @Test
  void failsWhenTheWholeInputIsGone() throws IOException {
    Path moved = Files.move(folder, folder.resolveSibling(folder.getFileName() + "-moved"));
    try {
      assertThatThrownBy(() -> members(4096))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the input flaky:%s is gone: ".formatted(folder));
    } finally {
      Files.move(moved, folder);
    }
  }
}
