package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A tar shard in a folder of its own, and what a listing finds in it. */
public abstract class ShardListing {
  public static final String DAMAGED =
      "the shard is damaged at byte %d (nothing from there on is used): %s";

  @TempDir Path folder;
  public Path file;

  @BeforeEach
  void file() {
    file = folder.resolve("s.tar");
    FlakyFileSystem.reset();
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  void assertDamage(long at, String how) throws IOException {
    List<ImageRef> refs = list();
    assertThat(contents(refs.subList(0, 1))).containsExactly("0");
    assertThat(refs.subList(1, refs.size()))
        .containsExactly(new ImageRef(1, uri(), at + 512, 0, "", DAMAGED.formatted(at, how)));
  }

  String uri() {
    return "file:" + file;
  }

  List<ImageRef> list() {
    return list(file.toString());
  }

  List<ImageRef> listFolder() {
    return list(folder.toString());
  }

  static List<ImageRef> list(String input) {
    return refs(listing(input).requireImages());
  }

  static Listing listing(String input) {
    return CatalogLister.listing(
        List.of(input), List.of(), new ShardReading(4, 2, Duration.ofMillis(1)));
  }

  static List<ImageRef> refs(Catalog catalog) {
    return LongStream.range(0, catalog.size()).mapToObj(catalog::ref).toList();
  }

  /** What is at the places that the catalog tells. */
  static List<String> contents(List<ImageRef> refs) throws IOException {
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
}
