package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.schemas.ImageRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TarShardTest extends ShardListing {
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
        .file("2.gif", "no")
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

  /** A list is the same wherever it is made. */
  @Test
  void writesNoDigitsOfALanguageIntoTheList() throws IOException {
    new TestShard().file("a.jpg", "0123456789").header("b.jpg", "00000777777\0", '0').write(file);
    Catalog expected = CatalogLister.list(List.of(file.toString()));
    assertThat(expected.ref(1).problem()).containsPattern("[0-9]{6} bytes");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertThat("%d".formatted(7)).isNotEqualTo("7");

      assertThat(CatalogLister.list(List.of(file.toString())).digest())
          .isEqualTo(expected.digest());
    } finally {
      Locale.setDefault(before);
    }
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
  void readsNumbersAndNamesUpToTheirEndAsGnuTarDoes() throws IOException {
    byte[] shard =
        new TestShard()
            .header("0.jpg", "3\0" + "9999999999", '0')
            .blocks("old")
            .header("././@LongLink", "00000000012\0", 'L')
            .blocks("1.jpg\0.txt")
            .header("1.txt", "1 7         ", '0')
            .blocks("1")
            .bytes();
    shard[155] = '9'; // behind the zero that ends the checksum
    Files.write(file, shard);

    List<ImageRef> refs = list();
    assertThat(refs).extracting(ImageRef::member).containsExactly("0.jpg", "1.jpg");
    assertThat(contents(refs)).containsExactly("old", "1");
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
}
