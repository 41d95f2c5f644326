package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.catalog.BytesFileSystemFactory;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogBuilder;
import io.simmim.operators.catalog.ClassNames;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.ImageRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class TarShardFuzzTest {
  private static final String URI = BytesFileSystemFactory.FILE.toString();
  private static final ShardReading ONCE = new ShardReading(1, 1, Duration.ZERO);

  /** The buffers of a reader and a builder, and what each byte of headers may become. */
  private static final long ALLOWED_BYTES = 256 << 10;

  private static final int ALLOWED_PER_BYTE = 64;

  static Stream<byte[]> shards() throws IOException {
    byte[] gnu = recorded("gnu");
    byte[] one = new TestShard().file("0.jpg", "zero").file("0.cls", "7").bytes();
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.write(one);
    two.write(one);
    return Stream.of(
        gnu,
        recorded("pax"),
        one,
        two.toByteArray(),
        Arrays.copyOf(one, one.length - 1024),
        new TestShard().withGnuNames().file("n".repeat(300) + ".jpg", "0").bytes(),
        new TestShard()
            .header("g", "00000000016\0", 'g')
            .blocks("14 path=x.jpg\n")
            .header("x", "00000000012\0", 'x')
            .blocks("10 size=3\n")
            .header("0", "00000000000\0", '0')
            .blocks("pax")
            .header("1.jpg", TestShard.base256(7), '0')
            .blocks("base256")
            .header("2.jpg", "00000000000\0", 'S')
            .header("3.jpg", "00000000000\0", '2')
            .bytes());
  }

  private static byte[] recorded(String name) throws IOException {
    try (InputStream in = TarShardFuzzTest.class.getResourceAsStream("/tar/" + name + ".tar")) {
      return in.readAllBytes();
    }
  }

  @MethodSource("shards")
  @FuzzTest
  void isIndexedWithinItsBytesWithoutReadingOrAllocatingMore(byte[] shard) throws Exception {
    byte[] sealed = sealed(shard);
    long allowed = ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * sealed.length;
    HeapAllocation.requireAtMost(allowed, () -> index(sealed));

    ListingNotes notes = new ListingNotes();
    Catalog catalog = index(sealed, notes).build(List.of());

    // Each block once, and once more where a buffer begins in it.
    assertThat(BytesFileSystemFactory.bytesRead()).isLessThanOrEqualTo(2L * sealed.length + 1024);
    assertThat(notes.lines()).allMatch(line -> line.lines().count() == 1);
    long at = 0;
    for (long id = 0; id < catalog.size(); id++) {
      ImageRef ref = catalog.ref(id);
      assertThat(ref.uri()).isEqualTo(URI);
      assertThat(ref.offset()).isGreaterThan(at);
      assertThat(ref.name().lines()).hasSize(1);
      if (ref.problem().isEmpty()) {
        assertThat(ref.offset() + ref.length()).isLessThanOrEqualTo(sealed.length);
        assertThat(ref.offset() % TarHeader.BLOCK).isZero();
      } else {
        assertThat(ref.problem().lines()).hasSize(1);
      }
      at = ref.offset();
    }
  }

  @MethodSource("shards")
  @FuzzTest
  void tellsClassesOfItsImagesWithoutReadingOrAllocatingMore(byte[] shard) throws Exception {
    byte[] sealed = sealed(shard);
    long allowed = ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * sealed.length;
    HeapAllocation.requireAtMost(allowed, () -> classes(sealed));

    ShardClasses classes = classes(sealed);

    assertThat(BytesFileSystemFactory.bytesRead()).isLessThanOrEqualTo(2L * sealed.length + 1024);
    assertThat(classes.problem().lines().count()).isLessThanOrEqualTo(1);
    for (long offset = 0; offset <= sealed.length; offset += TarHeader.BLOCK) {
      assertThat(classes.of(offset).stream()).allMatch(ClassNames::isAllowed);
    }
  }

  private static ShardClasses classes(byte[] shard) throws IOException {
    BytesFileSystemFactory.write(shard);
    try (ShardInput input =
        new ShardInput(BytesFileSystemFactory.FILE, shard.length, ONCE, new CountDownLatch(1))) {
      return ShardClasses.read(URI, input);
    }
  }

  private static void index(byte[] shard) throws IOException {
    index(shard, new ListingNotes());
  }

  private static CatalogBuilder index(byte[] shard, ListingNotes notes) throws IOException {
    BytesFileSystemFactory.write(shard);
    try (ShardInput input =
        new ShardInput(BytesFileSystemFactory.FILE, shard.length, ONCE, new CountDownLatch(1))) {
      return TarShard.index(URI, input, notes);
    }
  }

  /** Makes the checksums of headers right, which hardly any change would leave so. */
  private static byte[] sealed(byte[] shard) {
    byte[] sealed = shard.clone();
    for (int at = 0; at + TarHeader.BLOCK <= sealed.length; at += TarHeader.BLOCK) {
      byte[] block = Arrays.copyOfRange(sealed, at, at + TarHeader.BLOCK);
      boolean header = block[257] == 'u' && block[258] == 's';
      if (header) {
        TestShard.seal(block);
        System.arraycopy(block, 0, sealed, at, TarHeader.BLOCK);
      }
    }
    return sealed;
  }
}
