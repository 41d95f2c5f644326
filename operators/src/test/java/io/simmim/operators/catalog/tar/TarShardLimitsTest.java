package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the largest and the most wasteful shards cost. */
@Timeout(60)
class TarShardLimitsTest extends ShardListing {
  @Test
  void findsWhatComesBehindAMemberOfFiveGigabytes() throws IOException {
    long huge = 5_000_000_000L;
    long behind = 512 + (huge + 511) / 512 * 512;
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(TestShard.rawHeader("huge.jpg", TestShard.base256(huge), '0'));
      out.seek(behind);
      out.write(new TestShard().file("small.jpg", "small").bytes());
    }

    List<ImageRef> refs = list("flaky:" + file);
    assertThat(refs)
        .extracting(ImageRef::member, ImageRef::offset, ImageRef::length, ImageRef::problem)
        .containsExactly(
            tuple("huge.jpg", 512L, Integer.MAX_VALUE, ""),
            tuple("small.jpg", behind + 512, 5, ""));
    assertThat(FlakyFileSystem.bytesRead()).isLessThan(30_000);
  }

  @Test
  void readsHeadersOnly() throws IOException {
    TestShard shard = new TestShard();
    for (int i = 0; i < 50; i++) {
      shard.file(i + ".jpg", new byte[200_000]).file(i + ".cls", "7");
    }
    shard.write(file);

    assertThat(list("flaky:" + file)).hasSize(50);
    assertThat(FlakyFileSystem.opens()).isEqualTo(1);
    assertThat(FlakyFileSystem.bytesRead()).isLessThan(Files.size(file) / 20);
  }

  @Test
  void indexesAHundredThousandMembers() throws IOException {
    TestShard shard = new TestShard();
    byte[] content = {1};
    for (int i = 0; i < 100_000; i++) {
      shard.file("%06d.jpg".formatted(i), content);
    }
    shard.write(file);

    Catalog catalog = CatalogLister.list(List.of(file.toString()));
    assertThat(catalog.size()).isEqualTo(100_000);
    assertThat(catalog.ref(99_999))
        .isEqualTo(new ImageRef(99_999, uri(), 512 + 99_999 * 1024L, 1, "099999.jpg", ""));
    assertThat(catalog.memoryBytes()).isLessThan(1_800_000);
  }

  @Test
  void readsNoMoreOfZerosThanOfHeaders() throws IOException {
    byte[] whole = new TestShard().file("0.jpg", "0").bytes();
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(whole);
      out.setLength(3L << 30);
    }
    String note = "skipped what may follow in shards behind 1 MiB of zeros: 1, the first is %s";

    assertThat(listing("flaky:" + file).notes()).containsExactly(note.formatted("flaky:" + file));
    assertThat(FlakyFileSystem.bytesRead()).isLessThan(2 << 20);

    FlakyFileSystem.reset();
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (int i = 0; i < 100; i++) {
        out.seek((long) i << 20);
        out.write(Arrays.copyOf(whole, 1024));
      }
    }
    Listing listing = listing("flaky:" + file);
    assertThat(listing.notes()).containsExactly(note.formatted("flaky:" + file));
    assertThat(listing.catalog().size()).isEqualTo(2);
    assertThat(FlakyFileSystem.bytesRead()).isLessThan(2 << 20);
  }

  @Test
  void limitsTheExtendedHeadersAndTheSparseMapOfOneMember() throws IOException {
    int most = TarShard.LONGEST_HEADER;
    String comment = "%d comment=%s\n".formatted(most / 2, "c".repeat(most / 2 - 16));
    TestShard shard = new TestShard();
    for (int i = 0; i < 2; i++) {
      shard.header("x", "%011o\0".formatted(comment.length()), 'x').blocks(comment);
    }
    shard.file("1.jpg", "1");
    for (int i = 0; i < 3; i++) {
      shard.header("x", "%011o\0".formatted(comment.length()), 'x').blocks(comment);
    }
    shard.file("2.jpg", "2").write(file);
    assertThat(list())
        .extracting(ImageRef::member, ImageRef::problem)
        .containsExactly(
            tuple("1.jpg", ""),
            tuple(
                "",
                DAMAGED.formatted(
                    2 * most + 3072,
                    "an extended header has %d bytes (allowed: up to 0)".formatted(most / 2))));

    byte[] map = new byte[2 * most];
    Arrays.fill(map, (byte) 1);
    byte[] sparse = TestShard.rawHeader("1.jpg", "00000000000\0", 'S');
    sparse[482] = 1;
    TestShard.seal(sparse);
    Files.write(file, sparse);
    Files.write(file, map, StandardOpenOption.APPEND);
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("the map of a sparse file has more than 1048576 bytes");
  }

  /** A name that is said to hold for all members is looked at once. */
  @Test
  void takesNoMoreMemoryThanTheHeadersHave() throws Exception {
    int members = 5000;
    String path = "%d path=%sbb.jpg\n".formatted(1_000_000, "a/".repeat(499_990));
    TestShard shard =
        new TestShard().header("g", "%011o\0".formatted(path.length()), 'g').blocks(path);
    for (int i = 0; i < members; i++) {
      shard.header("0", "00000000000\0", '0');
    }
    shard.write(file);
    ShardReading once = new ShardReading(1, 1, Duration.ZERO);

    HeapAllocation.requireAtMost(
        20L << 20,
        () -> {
          try (ShardInput input =
              new ShardInput(
                  new org.apache.flink.core.fs.Path(uri()),
                  Files.size(file),
                  once,
                  new CountDownLatch(1))) {
            assertThat(TarShard.index(uri(), input, new ListingNotes()).size()).isEqualTo(members);
          }
        });
  }

  @Test
  void readsChainsOfExtendedHeadersWithoutRecursion() throws IOException {
    TestShard shard = new TestShard();
    for (int i = 0; i < 20_000; i++) {
      shard.header("x", "00000000012\0", i % 2 == 0 ? 'x' : 'L').blocks("10 path=a\n");
    }
    shard.header("0.jpg", "00000000001\0", '0').blocks("0").write(file);

    // The last long name has no extension.
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage("no image (.jpg, .jpeg, .png, or in .tar) under " + file);
  }

  @Test
  void closesWhatItOpens() throws IOException {
    new TestShard().file("0.jpg", "0").write(file);
    assertThat(list()).hasSize(1);

    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(open.map(TarShardLimitsTest::target)).isNotEmpty().doesNotContain(file.toString());
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "closed meanwhile: " + e.getMessage();
    }
  }
}
