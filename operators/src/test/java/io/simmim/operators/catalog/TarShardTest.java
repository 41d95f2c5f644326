package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TarShardTest {
  private static final String DAMAGED =
      "the shard is damaged at byte %d (nothing from there on is used): %s";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void file() {
    file = folder.resolve("s.tar");
    FlakyFileSystem.reset();
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "pax"})
  void readsWhatGnuTarWrites(String format) throws IOException {
    try (InputStream in = TarShardTest.class.getResourceAsStream("/tar/" + format + ".tar")) {
      Files.copy(in, file);
    }
    String deep = "d".repeat(60) + "/" + "e".repeat(60) + "/ü.jpg";

    List<ImageRef> refs = list();
    assertThat(refs)
        .extracting(ImageRef::member)
        .containsExactly("a.jpg", "B.JPEG", deep, "link.jpg", "z-hard.jpg");
    assertThat(contents(refs.subList(0, 3)))
        .containsExactly("first image", "second, a little longer", "in a deep folder");
    assertThat(refs)
        .extracting(ImageRef::problem)
        .containsExactly(
            "",
            "",
            "",
            "the member of the shard is a symbolic link",
            "the member of the shard is a hard link");
  }

  @Test
  void takesImagesByExtensionAndSkipsTheirNeighbours() throws IOException {
    new TestShard()
        .file("0.cls", "7")
        .file("0.jpg", "zero")
        .file("0.json", "{}")
        .file("1.JPeG", "one")
        .file("2.png", "no")
        .file("jpg", "no")
        .write(file);

    List<ImageRef> refs = list();
    assertThat(refs)
        .containsExactly(
            new ImageRef(0, uri(), 1536, 4, "0.jpg", ""),
            new ImageRef(1, uri(), 3584, 3, "1.JPeG", ""));
    assertThat(contents(refs)).containsExactly("zero", "one");
  }

  @Test
  void ordersByUriThenOffsetAmongFiles() throws IOException {
    new TestShard().file("z.jpg", "1").file("a.jpg", "2").write(file);
    new TestShard().file("b.jpg", "3").write(folder.resolve("r.TAR"));
    Files.writeString(folder.resolve("a.jpg"), "0");
    Files.writeString(folder.resolve("r.jpg"), "5");
    Files.writeString(folder.resolve("t.jpg"), "6");

    assertThat(listFolder())
        .extracting(ref -> ref.name().substring(("file:" + folder + "/").length()))
        .containsExactly("a.jpg", "r.TAR!/b.jpg", "r.jpg", "s.tar!/z.jpg", "s.tar!/a.jpg", "t.jpg");
  }

  @Test
  void readsLongNamesOfBothKinds() throws IOException {
    String name = "ä".repeat(150) + "/0.jpg";
    for (TestShard shard : List.of(new TestShard(), new TestShard().withGnuNames())) {
      shard.file(name, "0").file("1.jpg", "1").write(file);

      List<ImageRef> refs = list();
      assertThat(refs).extracting(ImageRef::member).containsExactly(name, "1.jpg");
      assertThat(contents(refs)).containsExactly("0", "1");
    }
  }

  @Test
  void shortensNamesThatAreTooLongForMessages() throws IOException {
    new TestShard().file("n".repeat(3000) + ".jpg", "0").write(file);

    assertThat(list()).extracting(ImageRef::member).containsExactly("n".repeat(400) + "…");
  }

  @Test
  void readsPaxSizesAndBase256Sizes() throws IOException {
    new TestShard()
        .header("PaxHeaders/0", "00000000012\0", 'x')
        .blocks("10 size=3\n")
        .header("0.jpg", "00000000000\0", '0')
        .blocks("pax")
        .header("1.jpg", TestShard.base256(7), '0')
        .blocks("base256")
        .header("old/", "00000000000\0", '\0')
        .header("2.jpg", "          3 ", '\0')
        .blocks("old")
        .write(file);

    assertThat(contents(list())).containsExactly("pax", "base256", "old");
  }

  @Test
  void takesNamesForNamesOnly() throws IOException {
    new TestShard().file("../../x.jpg", "up").file("/etc/x.jpg", "root").write(file);

    List<ImageRef> refs = list();
    assertThat(contents(refs)).containsExactly("up", "root");
    assertThat(refs).extracting(ImageRef::uri).containsOnly(uri());
    assertThat(refs.get(0).name()).isEqualTo(uri() + "!/../../x.jpg");
    assertThat(folder.toFile().list()).containsExactly("s.tar");
  }

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

    Catalog catalog = Catalog.list(List.of(file.toString()));
    assertThat(catalog.size()).isEqualTo(100_000);
    assertThat(catalog.ref(99_999))
        .isEqualTo(new ImageRef(99_999, uri(), 512 + 99_999 * 1024L, 1, "099999.jpg", ""));
    assertThat(catalog.memoryBytes()).isLessThan(1_800_000);
  }

  @Test
  void keepsTheOrderOfManyShardsIndexedAtOnce() throws IOException {
    for (int i = 0; i < 150; i++) {
      new TestShard().file("a.jpg", "a" + i).write(folder.resolve("%03d.tar".formatted(i)));
      Files.writeString(folder.resolve("%03d.jpg".formatted(i)), "f" + i);
    }
    List<ImageRef> refs = listFolder();

    assertThat(refs).hasSize(300).isSortedAccordingTo((a, b) -> a.uri().compareTo(b.uri()));
    assertThat(contents(refs.subList(148, 150))).containsExactly("f74", "a74");
  }

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

  private void assertDamage(long at, String how) throws IOException {
    List<ImageRef> refs = list();
    assertThat(contents(refs.subList(0, 1))).containsExactly("0");
    assertThat(refs.subList(1, refs.size()))
        .containsExactly(new ImageRef(1, uri(), at + 512, 0, "", DAMAGED.formatted(at, how)));
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
  void readsOnBehindTheEndOfAnArchiveAndBehindLostBlocks() throws IOException {
    ByteArrayOutputStream shard = new ByteArrayOutputStream();
    shard.write(
        new TestShard()
            .header("x", "00000000016\0", 'g')
            .blocks("14 path=x.jpg\n")
            .file("0.jpg", "0")
            .bytes());
    shard.write(new byte[512]);
    shard.write(Arrays.copyOf(new TestShard().file("1.jpg", "1").bytes(), 1024));
    shard.write(new byte[512]); // A lone block.
    shard.write(new TestShard().file("2.jpg", "2").bytes());
    shard.write(new byte[1_000_000 / 512 * 512]);
    shard.write(new TestShard().file("3.jpg", "3").bytes());
    Files.write(file, shard.toByteArray());

    assertThat(contents(list())).containsExactly("0", "1", "2", "3");
    assertThat(list())
        .extracting(ImageRef::member)
        .containsExactly("x.jpg", "1.jpg", "2.jpg", "3.jpg");
    assertThat(listing(file.toString()).notes()).isEmpty();
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
  void leavesOutHiddenMembersAndTells() throws IOException {
    new TestShard()
        .file("./a.jpg", "a")
        .file("./._a.jpg", "mac")
        .file("__MACOSX/b/._b.jpg", "mac")
        .file(".thumbnails/c.jpg", "thumbnail")
        .file("../d..jpg", "d")
        .write(file);

    assertThat(contents(list())).containsExactly("a", "d");
    assertThat(listing(file.toString()).notes())
        .containsExactly(
            "skipped hidden files and folders (named .*, __MACOSX or lost+found): 3, the first is %s!/./._a.jpg"
                .formatted(uri()));
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
              "no usable JPEG under %s: %s: not a tar shard: it is %s: unpack it"
                  .formatted(file, uri(), what));
    }
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
  void readsChainsOfExtendedHeadersWithoutRecursion() throws IOException {
    TestShard shard = new TestShard();
    for (int i = 0; i < 20_000; i++) {
      shard.header("x", "00000000012\0", i % 2 == 0 ? 'x' : 'L').blocks("10 path=a\n");
    }
    shard.header("0.jpg", "00000000001\0", '0').blocks("0").write(file);

    // The last long name has no extension.
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage("no JPEG (.jpg, .jpeg, or in .tar) under " + file);
  }

  @Test
  void rejectsSparseMembersAndUnknownTypesByName() throws IOException {
    byte[] sparse = TestShard.rawHeader("0.jpg", "00000001000\0", 'S');
    sparse[482] = 1; // The map goes on in one more block.
    TestShard.seal(sparse);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(sparse);
      out.write(new byte[512 + 512]);
      out.write(
          new TestShard()
              .header("x", "00000000026\0", 'x')
              .blocks("22 GNU.sparse.major=1\n")
              .header("1.jpg", "00000000001\0", '0')
              .blocks("1")
              .header("2.jpg", "00000000001\0", 'Z')
              .blocks("2")
              .header("folder.jpg", "00000000000\0", '5')
              .file("3.jpg", "3")
              .bytes());
    }

    List<ImageRef> refs = list();
    assertThat(refs)
        .extracting(ImageRef::member, ImageRef::problem)
        .containsExactly(
            tuple("0.jpg", "the member of the shard is a sparse file"),
            tuple("1.jpg", "the member of the shard is a sparse file"),
            tuple("2.jpg", "the member of the shard is of the unknown type 90"),
            tuple("3.jpg", ""));
    assertThat(contents(refs.subList(3, 4))).containsExactly("3");
  }

  @Test
  void saysWhenNothingCanBeUsed() throws IOException {
    Files.writeString(file, "x".repeat(2000));
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no usable JPEG under %s: %s: not a tar shard: the checksum in its header is not a number"
                .formatted(file, uri()));
    Files.write(file, new byte[0]);
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no usable JPEG under %s: %s: not a tar shard: it is empty".formatted(file, uri()));
    Files.write(file, new byte[1024]);
    assertThatThrownBy(this::list)
        .isInstanceOf(UserError.class)
        .hasMessage("no JPEG (.jpg, .jpeg, or in .tar) under " + file);
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

  private String uri() {
    return "file:" + file;
  }

  private List<ImageRef> list() {
    return list(file.toString());
  }

  private List<ImageRef> listFolder() {
    return list(folder.toString());
  }

  private static List<ImageRef> list(String input) {
    return refs(listing(input).requireImages());
  }

  private static Listing listing(String input) {
    return Catalog.listing(List.of(input), List.of(), new ShardReading(4, 2, Duration.ofMillis(1)));
  }

  private static List<ImageRef> refs(Catalog catalog) {
    return LongStream.range(0, catalog.size()).mapToObj(catalog::ref).toList();
  }

  /** What is at the places that the catalog tells. */
  private static List<String> contents(List<ImageRef> refs) throws IOException {
    List<String> contents = new ArrayList<>();
    for (ImageRef ref : refs) {
      byte[] shard = Files.readAllBytes(Path.of(ref.uri().replaceFirst("^[a-z]+:", "")));
      int offset = (int) ref.offset();
      contents.add(
          new String(
              Arrays.copyOfRange(shard, offset, offset + ref.length()), StandardCharsets.UTF_8));
    }
    return contents;
  }

  @Test
  void closesWhatItOpens() throws IOException {
    new TestShard().file("0.jpg", "0").write(file);
    assertThat(list()).hasSize(1);

    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(open.map(TarShardTest::target)).isNotEmpty().doesNotContain(file.toString());
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
