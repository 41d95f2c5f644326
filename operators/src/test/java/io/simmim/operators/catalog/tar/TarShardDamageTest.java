package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a shard is used, and what is said, when it is damaged, cut, or no shard. */
@Tag("slow")
@Timeout(600)
class TarShardDamageTest extends ShardListing {
  @Test
  void usesWhatComesBeforeDamageAndNamesItOnce() throws IOException {
    byte[] whole = new TestShard().file("0.jpg", "0").file("1.jpg", "1").file("2.cls", "2").bytes();
    byte[] broken = whole.clone();
    broken[1024 + 5] ^= 1;
    Files.write(file, broken);
    assertDamage(1024, "the checksum of its header is wrong");

    Files.write(file, Arrays.copyOf(whole, 1024 + 100));
    assertDamage(1024, "it ends within a block");
    byte[] cut = new TestShard().file("0.jpg", "0").header("a.cls", "777", '0').bytes();
    Files.write(file, Arrays.copyOf(cut, 1536));
    assertDamage(1024, "it ends 511 bytes before a member does");
  }

  /** Writers leave the end out, or the zeros behind the last member; a cut there looks the same. */
  @Test
  void usesAllOfAShardThatLacksItsEnd() throws IOException {
    byte[] whole = new TestShard().file("0.jpg", "0").file("1.jpg", "one").bytes();
    for (int length : List.of(1536 + 3, 1536 + 511, 2048)) {
      Files.write(file, Arrays.copyOf(whole, length));

      Listing listing = listing(file.toString());

      assertThat(contents(refs(listing.catalog()))).containsExactly("0", "one");
      assertThat(listing.notes())
          .containsExactly(
              "used shards that lack the mark of a tar's end, and may have been cut there: 1, the first is "
                  + uri());
    }
    for (int length : List.of(2048 + 1, 2048 + 512, 2048 + 1000, 3072)) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(listing(file.toString()).notes()).isEmpty();
      assertThat(list()).extracting(ImageRef::problem).containsExactly("", "");
    }
  }

  @Test
  void tellsOfBytesBehindTheEndThatAreNoTar() throws IOException {
    byte[] whole = new TestShard().file("0.jpg", "0").bytes();
    for (String trailer : List.of("-----BEGIN SIGNATURE-----", "x".repeat(5000))) {
      Files.write(file, whole);
      Files.writeString(file, trailer, StandardOpenOption.APPEND);

      assertThat(contents(list())).containsExactly("0");
      assertThat(listing(file.toString()).notes())
          .containsExactly(
              "skipped what follows the end of shards and is no tar: 1, the first is " + uri());
    }
    byte[] lone = Arrays.copyOf(whole, 1024 + 512 + 512);
    Arrays.fill(lone, 1536, 2048, (byte) 'x');
    Files.write(file, lone);
    assertDamage(1536, "the checksum in its header is not a number");
  }

  @ParameterizedTest
  @CsvSource({
    "1f8b0800, compressed with gzip",
    "28b52ffd, compressed with zstd",
    "425a6839, compressed with bzip2",
    "fd377a585a00, compressed with xz",
    "04224d18, compressed with lz4",
    "504b0304, a zip archive"
  })
  void saysWhatIsNamedLikeAShardAndIsNone(String start, String what) throws IOException {
    for (int length : List.of(30, 3000)) {
      byte[] content = Arrays.copyOf(HexFormat.of().parseHex(start), length);
      content[length - 1] = 1;
      Files.write(file, content);

      assertThatThrownBy(this::list)
          .isInstanceOf(UserError.class)
          .hasMessage(
              "no usable image under %s: %s: not a tar shard: it is %s: unpack it"
                  .formatted(file, uri(), what));
    }
  }

  @Test
  void namesAnImageThatTheShardDoesNotHoldWhole() throws IOException {
    byte[] whole = new TestShard().file("0.jpg", "0").file("1.jpg", "x".repeat(900)).bytes();
    Files.write(file, Arrays.copyOf(whole, 1536 + 512));

    assertThat(list())
        .containsExactly(
            new ImageRef(0, uri(), 512, 1, "0.jpg", ""),
            new ImageRef(
                1,
                uri(),
                1536,
                900,
                "1.jpg",
                "the shard is damaged: it ends 388 bytes before this member does"));
  }

  @Test
  void refusesHeadersThatAreTooLargeOrNotValid() throws IOException {
    damagedBy(
        new TestShard().header("x", TestShard.base256(1L << 40), 'x'),
        "an extended header has 1099511627776 bytes (allowed: up to 1048576)");
    damagedBy(
        new TestShard().header("x", TestShard.base256(1L << 40), 'L'),
        "an extended header has 1099511627776 bytes (allowed: up to 1048576)");
    damagedBy(
        new TestShard().header("x", "00003777777\0", 'K'), "it ends within an extended header");
    for (String records :
        List.of(
            "9999999 path=x\n", "999999999999 path=x\n", "0 path=x\n", "7 path\n", "10 path=xyz")) {
      damagedBy(
          new TestShard().header("x", "00000000020\0", 'x').blocks(records),
          "an extended header is not valid");
    }
    damagedBy(
        new TestShard().header("x", "00000000013\0", 'x').blocks("11 size=-9\n"),
        "the size in an extended header is negative");
    damagedBy(
        new TestShard().header("x", "00000000035\0", 'x').blocks("29 size=99999999999999999999\n"),
        "the size in an extended header is not a number");
    damagedBy(
        new TestShard().header("x.jpg", "\u00FF".repeat(12), '0'),
        "the size in its header is negative or larger than 2^63");
    damagedBy(
        new TestShard().header("x.jpg", "0000000009\0", '0'),
        "the size in its header is not a number");
  }

  private void damagedBy(TestShard rest, String how) throws IOException {
    byte[] first = Arrays.copyOf(new TestShard().file("0.jpg", "0").bytes(), 1024);
    byte[] bytes = Arrays.copyOf(first, first.length + rest.bytes().length);
    System.arraycopy(rest.bytes(), 0, bytes, first.length, rest.bytes().length);
    Files.write(file, bytes);
    List<ImageRef> refs = list();
    assertThat(refs).hasSize(2);
    assertThat(refs.get(1).problem()).startsWith("the shard is damaged at byte ").endsWith(how);
  }

  @Test
  void saysWhenNothingCanBeUsed() throws IOException {
    Files.writeString(file, "x".repeat(2000));
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no usable image under %s: %s: not a tar shard: the checksum in its header is not a number"
                .formatted(file, uri()));
    Files.write(file, new byte[0]);
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no usable image under %s: %s: not a tar shard: it is empty".formatted(file, uri()));
    new TestShard().header("x", "00000000013\0", 'x').blocks("11 size=-9\n").write(file);
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no usable image under %s: %s: %s",
            file, uri(), DAMAGED.formatted(0, "the size in an extended header is negative"));
    Files.write(file, new byte[1024]);
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage("no image (.jpg, .jpeg, .png, or in .tar) under " + file);
  }

  @Test
  void damagesNothingButItselfWhateverByteIsChanged() throws IOException {
    byte[] whole = new TestShard().file("0.jpg", "0").file("ö.jpg", "1").bytes();
    for (int i = 0; i < 4096; i++) {
      byte[] broken = whole.clone();
      broken[i] ^= (byte) (1 << i % 8);
      Files.write(file, broken);
      try {
        assertThat(list()).hasSizeBetween(1, 3);
      } catch (UserError e) {
        assertThat(e.getMessage()).startsWith("no ");
      }
    }
  }

  @Test
  void triesAgainWhereAReadFailed() throws IOException {
    TestShard shard = new TestShard();
    for (int i = 0; i < 5; i++) {
      shard.file(i + ".jpg", new byte[100_000]);
    }
    shard.write(file);
    AtomicInteger opens = new AtomicInteger();
    FlakyFileSystem.onOpen(
        path -> {
          if (opens.incrementAndGet() == 1) {
            throw new IOException("connection reset");
          }
        });

    assertThat(list("flaky:" + file)).hasSize(5);
  }

  @Test
  void namesTheShardThatCannotBeRead() throws IOException {
    new TestShard().file("0.jpg", "0").write(file);
    FlakyFileSystem.truncateAfter(100);

    assertThatThrownBy(() -> list("flaky:" + file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot list the input: cannot read flaky:%s at byte 0 in 2 attempts: it ends at byte 100, not 2048"
                .formatted(file));
  }
}
