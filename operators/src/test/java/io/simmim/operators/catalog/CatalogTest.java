package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
  /** Version 1 of two images under one root, as every later build must read it. */
  private static final String GOLDEN =
      "534d4341" // magic number
          + "00000001" // version
          + "0000000000000002" // images
          + "00000001" // roots
          + "00000007"
          + "66696c653a2f64" // file:/d
          + "0000001b" // bytes of the entries
          + "000d" // shared, own
          + "66696c653a2f642f612e6a7067" // file:/d/a.jpg
          + "ac02" // 300 bytes long
          + "00" // offset
          + "0805"
          + "622e6a7067" // b.jpg
          + "00"
          + "07";

  /** Version 2 of an image, two images in a shard, and a shard's damage. */
  private static final String GOLDEN_2 =
      "534d4341" // magic number
          + "00000002" // version
          + "0000000000000004" // images
          + "00000001" // roots
          + "00000007"
          + "66696c653a2f64" // file:/d
          + "0000003b" // bytes of the entries
          + "000d" // URI: shared, own
          + "66696c653a2f642f612e6a7067" // file:/d/a.jpg
          + "00" // kind: a whole object
          + "ac02" // 300 bytes long
          + "0805"
          + "622e746172" // b.tar
          + "03" // kind: at an offset, with a name
          + "07" // 7 bytes long
          + "8004" // 512 bytes behind the beginning
          + "0005" // name: shared, own
          + "782e6a7067" // x.jpg
          + "0d00" // the same URI
          + "03"
          + "08"
          + "f907" // 1017 bytes behind the end of the image before it
          + "0005"
          + "792e6a7067" // y.jpg
          + "0d00"
          + "05" // kind: at an offset, with a problem
          + "00"
          + "f807" // 1016
          + "03"
          + "626164"; // bad

  private static final String PREFIX = "s3://training-images/imagenet-22k/train/";

  @TempDir Path folder;

  @Test
  void readsVersionOneForEver() throws IOException {
    byte[] content = HexFormat.of().parseHex(GOLDEN);
    Path file = folder.resolve("golden.catalog");
    Files.write(file, withDigest(content));

    Catalog catalog = Catalog.read(file.toString());

    assertThat(catalog.roots()).containsExactly("file:/d");
    assertThat(refs(catalog))
        .containsExactly(
            new ImageRef(0, "file:/d/a.jpg", 0, 300), new ImageRef(1, "file:/d/b.jpg", 7, 0));
  }

  @Test
  void readsVersionTwoForEver() throws IOException {
    Path file = folder.resolve("golden.catalog");
    Files.write(file, withDigest(HexFormat.of().parseHex(GOLDEN_2)));

    Catalog catalog = Catalog.read(file.toString());

    assertThat(catalog.roots()).containsExactly("file:/d");
    assertThat(refs(catalog))
        .containsExactly(
            new ImageRef(0, "file:/d/a.jpg", 0, 300),
            new ImageRef(1, "file:/d/b.tar", 512, 7, "x.jpg", ""),
            new ImageRef(2, "file:/d/b.tar", 1536, 8, "y.jpg", ""),
            new ImageRef(3, "file:/d/b.tar", 2560, 0, "", "bad"));
    assertThat(catalog.usable()).isEqualTo(3);
  }

  @Test
  void writesVersionTwo() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    builder.add("file:/d/a.jpg", 300);
    CatalogBuilder shard = new CatalogBuilder();
    shard.add("file:/d/b.tar", 512, 7, "x.jpg", "");
    shard.add("file:/d/b.tar", 1536, 8, "y.jpg", "");
    shard.add("file:/d/b.tar", 2560, 0, "", "bad");
    builder.addAll(shard);
    Path file = folder.resolve("new.catalog");

    CatalogReference reference = builder.build(List.of("file:/d")).write(file.toString());

    byte[] expected = withDigest(HexFormat.of().parseHex(GOLDEN_2));
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
        .isEqualTo(HexFormat.of().formatHex(expected));
    assertThat(reference)
        .isEqualTo(
            new CatalogReference(
                "file:" + file,
                HexFormat.of().formatHex(expected, expected.length - 32, expected.length),
                4));
  }

  @Test
  void leavesNothingButTheFileAndReplacesAnOlderOne() throws IOException {
    Path file = folder.resolve("sub/folder/images.catalog");
    catalogOf("file:/a.jpg").write(file.toString());
    CatalogReference second = catalogOf("file:/b.jpg").write(file.toString());

    assertThat(file.getParent().toFile().list()).containsExactly("images.catalog");
    assertThat(Catalog.read(second).ref(0).uri()).isEqualTo("file:/b.jpg");
  }

  @Test
  void findsEveryImageAcrossBlocks() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    List<ImageRef> expected = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String uri = "s3://bucket/shard-%03d.tar".formatted(i / 10);
      long offset = 512 + i % 10 * 100_000L;
      String problem = i % 97 == 0 ? "bad " + i : "";
      builder.add(uri, offset, i, "n/%d.jpg".formatted(i * 7919), problem);
      expected.add(new ImageRef(i, uri, offset, i, "n/%d.jpg".formatted(i * 7919), problem));
    }
    Path file = folder.resolve("images.catalog");
    Catalog catalog = Catalog.read(builder.build(List.of("s3://bucket")).write(file.toString()));

    assertThat(refs(catalog)).isEqualTo(expected);
    assertThatThrownBy(() -> catalog.ref(1000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image must be from 0 to 999: 1000");
  }

  @Test
  void keepsObjectsTooLongForAnArrayAsTheLongestPossible() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    builder.add("file:/huge.jpg", 5_000_000_000L);

    assertThat(builder.build(List.of("file:/")).ref(0).length()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void leavesOutRepetitionsAndRefusesDisorder() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    builder.add("file:/b.jpg", 1);
    builder.add("file:/b.jpg", 1);

    assertThat(builder.size()).isEqualTo(1);
    assertThatThrownBy(() -> builder.add("file:/a.jpg", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("images must be added in ascending order: file:/a.jpg after file:/b.jpg");
  }

  @Test
  void refusesEveryDamagedByte() throws IOException {
    byte[] intact = withDigest(HexFormat.of().parseHex(GOLDEN));
    Path file = folder.resolve("damaged.catalog");
    for (int i = 0; i < intact.length; i++) {
      byte[] damaged = intact.clone();
      damaged[i] ^= 0x40;
      Files.write(file, damaged);
      assertThatThrownBy(() -> Catalog.read(file.toString())).isInstanceOf(UserError.class);
    }
    Files.write(file, Arrays.copyOf(intact, intact.length - 1));
    assertThatThrownBy(() -> Catalog.read(file.toString()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("catalog " + file + " is damaged: its content has digest ");
    Files.write(file, new byte[10]);
    assertThatThrownBy(() -> Catalog.read(file.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("catalog " + file + " is damaged: it has 10 bytes");
  }

  @Test
  void refusesContentThatIsNoCatalogDespiteItsDigest() throws IOException {
    for (String golden : List.of(GOLDEN, GOLDEN_2)) {
      refusesContentThatIsNoCatalog(HexFormat.of().parseHex(golden));
    }
  }

  private void refusesContentThatIsNoCatalog(byte[] content) throws IOException {
    Path file = folder.resolve("wrong.catalog");
    for (int i = 8; i < content.length; i++) {
      byte[] wrong = content.clone();
      wrong[i] ^= (byte) 0x80;
      Files.write(file, withDigest(wrong));
      try {
        assertThat(refs(Catalog.read(file.toString()))).isNotEmpty();
      } catch (UserError e) {
        assertThat(e).hasMessageStartingWith("catalog " + file + " is damaged: ");
      }
    }
  }

  @Test
  void namesUnknownVersions() throws IOException {
    byte[] content = HexFormat.of().parseHex(GOLDEN);
    content[7] = 9;
    Path file = folder.resolve("future.catalog");
    Files.write(file, withDigest(content));

    assertThatThrownBy(() -> Catalog.read(file.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("catalog " + file + " has format version 9; this build reads versions 1 and 2");
  }

  @Test
  void refusesWhatIsNotACatalog() throws IOException {
    Path file = Files.writeString(folder.resolve("x.txt"), "x".repeat(100));

    assertThatThrownBy(() -> Catalog.read(file.toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("not a catalog of images: " + file);
    assertThatThrownBy(() -> Catalog.read(folder.resolve("none").toString()))
        .isInstanceOf(UserError.class)
        .hasMessage("catalog does not exist: " + folder.resolve("none"));
  }

  @Test
  void refusesAnotherCatalogThanTheOneReferredTo() throws IOException {
    Path file = folder.resolve("images.catalog");
    CatalogReference first = catalogOf("file:/a.jpg").write(file.toString());
    CatalogReference second = catalogOf("file:/b.jpg").write(file.toString());

    assertThatThrownBy(() -> Catalog.read(first))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "catalog file:%s is not the one the run began with: it has 1 images and digest %s, not 1 and %s"
                .formatted(file, second.digest(), first.digest()));
  }

  @Test
  void holdsAMillionImagesInFewMegabytes() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    for (int i = 0; i < 1_000_000; i++) {
      String name = "n" + (10_000_000 + i / 1000);
      long number = 10_000_000_000L + i * 7919L;
      builder.add(PREFIX + name + "/" + name + "_" + number + ".JPEG", 100_000 + i % 50_000);
    }
    Catalog catalog = builder.build(List.of(PREFIX));

    assertThat(catalog.size()).isEqualTo(1_000_000);
    assertThat(catalog.memoryBytes()).isLessThan(30_000_000);
    assertThat(catalog.ref(999_999).uri())
        .isEqualTo(PREFIX + "n10000999/n10000999_17918992081.JPEG");
  }

  @Test
  void holdsAMillionMembersOfShardsInFewMegabytes() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    String shard = "";
    for (int i = 0; i < 1_000_000; i++) {
      if (i % 1000 == 0) {
        shard = PREFIX + "imagenet22k-train-%06d.tar".formatted(i / 1000);
      }
      String member = "n" + (10_000_000 + i / 700) + "_" + (10_000_000L + i * 7919L) + ".jpg";
      builder.add(shard, 1536 + i % 1000 * 151_552L, 100_000 + i % 50_000, member, "");
    }
    Catalog catalog = builder.build(List.of(PREFIX));

    assertThat(catalog.usable()).isEqualTo(1_000_000);
    // 150 MB is the limit for building and holding; building takes twice what holding does.
    assertThat(catalog.memoryBytes()).isLessThan(35_000_000);
    assertThat(catalog.ref(999_999))
        .isEqualTo(
            new ImageRef(
                999_999,
                PREFIX + "imagenet22k-train-000999.tar",
                1536 + 999 * 151_552L,
                149_999,
                "n10001428_7928992081.jpg",
                ""));
  }

  private static Catalog catalogOf(String uri) throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    builder.add(uri, 1);
    return builder.build(List.of("file:/"));
  }

  private static List<ImageRef> refs(Catalog catalog) {
    return LongStream.range(0, catalog.size()).mapToObj(catalog::ref).toList();
  }

  private static byte[] withDigest(byte[] content) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(content.length);
    out.write(content);
    try {
      out.write(java.security.MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return out.getCopyOfBuffer();
  }

  @Test
  void refusesMoreThanACatalogHoldsWithTheNumber() throws IOException {
    CatalogBuilder builder = new CatalogBuilder(1000);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                builder.add("s3://b/%04d.jpg".formatted(i), i);
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage(
            "a catalog holds 1,000 bytes of names and is full after %d images (allowed: fewer images in one run, or shorter names)",
            builder.size());
    assertThat(builder.size()).isBetween(80L, 100L);
    assertThat(builder.build(List.of()).size()).isEqualTo(builder.size());
  }
}
