package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class CatalogFileFuzzTest {
  private static final int DIGEST_BYTES = 32;

  /** A message and its stack trace, and some times the file. */
  private static final long ALLOWED_BYTES = 64 << 10;

  private static final int ALLOWED_PER_BYTE = 16;

  /** Looked up of each catalog. */
  private static final long MOST_REFS = 100;

  /** Catalogs without their digests. */
  static Stream<byte[]> catalogs() throws IOException {
    CatalogBuilder images = new CatalogBuilder();
    for (int i = 0; i < 40; i++) {
      images.add("s3://b/%03d.jpg".formatted(i), i);
    }
    CatalogBuilder members = new CatalogBuilder();
    for (int i = 0; i < 20; i++) {
      members.add("s3://b/a.tar", 512 + i * 1024L, 500, "n%d.jpg".formatted(i), "");
    }
    members.add("s3://b/a.tar", 30_000, 0, "", "the shard is damaged");
    return Stream.of(content(images, List.of("s3://b")), content(members, List.of("a", "b")));
  }

  private static byte[] content(CatalogBuilder images, List<String> roots) throws IOException {
    Path file = Files.createTempFile("catalog", ".bin");
    try {
      images.build(roots).write(file.toString());
      byte[] bytes = Files.readAllBytes(file);
      return Arrays.copyOf(bytes, bytes.length - DIGEST_BYTES);
    } finally {
      Files.delete(file);
    }
  }

  @MethodSource("catalogs")
  @FuzzTest
  void isReadOrRefusedInOneLine(byte[] content) throws Exception {
    byte[] file = withDigest(content);
    BytesFileSystemFactory.write(file);
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * file.length, CatalogFileFuzzTest::read);
    Catalog catalog = read();
    for (long id = 0; catalog != null && id < Math.min(MOST_REFS, catalog.size()); id++) {
      ImageRef ref = catalog.ref(id);
      assertThat(ref.sampleId()).isEqualTo(id);
      assertThat(ref.length()).isNotNegative();
    }
  }

  private static Catalog read() throws IOException {
    try {
      Catalog catalog = Catalog.read(BytesFileSystemFactory.FILE.toString());
      assertThat(catalog.usable()).isBetween(0L, catalog.size());
      return catalog;
    } catch (UserError e) {
      assertThat(e.getMessage()).contains("catalog").doesNotContain("\n");
      return null;
    }
  }

  private static byte[] withDigest(byte[] content) throws NoSuchAlgorithmException {
    byte[] file = Arrays.copyOf(content, content.length + DIGEST_BYTES);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
    System.arraycopy(digest, 0, file, content.length, DIGEST_BYTES);
    return file;
  }
}
