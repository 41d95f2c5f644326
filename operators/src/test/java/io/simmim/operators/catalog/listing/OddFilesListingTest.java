package io.simmim.operators.catalog.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;

/** Links, hidden files, and names that cannot be read or shown. */
class OddFilesListingTest extends ListedFolder {
  @Test
  void followsLinksAndKeepsThoseToNowhere() throws IOException {
    java.nio.file.Path linked = Files.createDirectories(folder.resolve("links"));
    Files.createSymbolicLink(linked.resolve("nowhere.jpg"), folder.resolve("gone.jpg"));
    Files.createSymbolicLink(linked.resolve("file.jpg"), folder.resolve("a.jpg"));
    Files.createSymbolicLink(linked.resolve("folder"), folder.resolve("a/deep"));

    assertThat(refs(CatalogLister.list(List.of(linked.toString()))))
        .containsExactly(
            new ImageRef(0, uri("links/file.jpg"), 0, 5),
            new ImageRef(1, uri("links/folder/er/z.JpEg"), 0, 16),
            new ImageRef(2, uri("links/nowhere.jpg"), 0, 0));
  }

  @Test
  void tellsOfLinksThatLeadBackAndDoesNotFollowThem() throws IOException {
    Files.createSymbolicLink(folder.resolve("a/deep/back"), folder.resolve("a"));
    Files.createSymbolicLink(folder.resolve("b/self"), folder.resolve("b/self"));
    Files.createSymbolicLink(folder.resolve("b/self.jpg"), folder.resolve("b/self.jpg"));

    Listing listing = list(folder);

    assertThat(uris(listing.catalog())).hasSize(9).contains(uri("b/self.jpg"));
    assertThat(listing.notes())
        .contains(
            "skipped links that lead back to a folder which they are in: 1, the first is %s"
                .formatted(uri("a/deep/back")));
  }

  /** As macOS leaves them beside images, and tools of all kinds. */
  @Test
  void leavesOutHiddenFilesAndFoldersAndTells() throws IOException {
    for (String name :
        List.of(
            "a/._x.jpg",
            "a/.DS_Store",
            "a/.cache/1.jpg",
            "a/.cache/2.jpg",
            "__MACOSX/a/._x.jpg",
            "lost+found/1.jpg",
            "b/.shard.tar")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.writeString(folder.resolve(name), name);
    }

    Listing listing = list(folder);

    assertThat(uris(listing.catalog())).hasSize(8).noneMatch(OddFilesListingTest::isHidden);
    assertThat(listing.notes())
        .containsExactly(
            "skipped hidden files and folders (named .*, __MACOSX or lost+found): 6, the first is %s"
                .formatted(uri("__MACOSX")));
    Listing remote =
        new ImageListing(
                List.of(),
                ShardReading.defaults(),
                path -> FolderLister.anywhere().children(new Path("file:" + path.getPath())))
            .images(List.of("flaky:" + folder));
    assertThat(remote.catalog().size()).isEqualTo(8);
  }

  private static boolean isHidden(String uri) {
    return uri.contains("/.") || uri.contains("__MACOSX") || uri.contains("lost+found");
  }

  @Test
  void takesAnInputThatIsHiddenItself() throws IOException {
    java.nio.file.Path hidden = Files.createDirectories(folder.resolve(".data/__MACOSX"));
    Files.writeString(hidden.resolve("1.jpg"), "1");

    assertThat(uris(CatalogLister.list(List.of(hidden.toString()))))
        .containsExactly(uri(".data/__MACOSX/1.jpg"));
    assertThat(uris(CatalogLister.list(List.of(folder + "/b/.hidden.jpg"))))
        .containsExactly(uri("b/.hidden.jpg"));
  }

  /** Programs that unpack what Windows has packed leave such names. */
  @Test
  void rejectsImagesWithABackslashInTheirNameAndIgnoresAllElse() throws IOException {
    for (String name :
        List.of("back\\slash.jpg", "notes\\old.txt", "old\\1/x.jpg", "old\\2/x.txt")) {
      java.nio.file.Path file = folder.resolve("b/" + name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
    String problem = "Flink cannot read a name with a backslash: rename it";

    assertThat(refs(CatalogLister.list(List.of(folder + "/b"))))
        .extracting(ImageRef::uri, ImageRef::problem)
        .containsExactly(
            tuple(uri("b/20:30:00 #1 %41?.jpg"), ""),
            tuple(uri("b/_under.jpeg"), ""),
            tuple(uri("b/back\\slash.jpg"), problem),
            tuple(uri("b/old\\1/"), problem));
  }

  /** As in an archive of a system whose names are Latin-1; made by a shell, since Java cannot. */
  @Test
  void rejectsImagesWhoseNamesAreNoTextAndIgnoresAllElse() throws Exception {
    java.nio.file.Path latin = Files.createDirectories(folder.resolve("latin"));
    Process shell =
        new ProcessBuilder(
                "sh",
                "-c",
                "touch \"$(printf 'caf\\351.jpg')\" \"$(printf 'caf\\350.jpg')\" \"$(printf 'caf\\351.txt')\";"
                    + " mkdir \"$(printf '\\344')\" \"$(printf '\\345')\"; touch \"$(printf '\\344')/1.tar\"")
            .directory(latin.toFile())
            .inheritIO()
            .start();
    assertThat(shell.waitFor()).isZero();
    Files.writeString(latin.resolve("z.jpg"), "z");

    List<ImageRef> refs = refs(CatalogLister.list(List.of(latin.toString())));

    assertThat(refs)
        .extracting(ImageRef::uri)
        .containsExactly(
            uri("latin/\\xE4/"),
            uri("latin/caf\\xE8.jpg"),
            uri("latin/caf\\xE9.jpg"),
            uri("latin/z.jpg"));
    assertThat(refs.subList(0, 3))
        .extracting(ImageRef::problem)
        .allMatch(p -> p.startsWith("its name is not "));
  }

  /** What a broken unpacker has written is a character like any other. */
  @Test
  void readsANameWithTheReplacementCharacter() throws IOException {
    assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")));
    Files.writeString(folder.resolve("a/caf\uFFFD.jpg"), "x");

    assertThat(refs(CatalogLister.list(List.of(folder + "/a"))))
        .contains(new ImageRef(0, uri("a/caf\uFFFD.jpg"), 0, 1));
  }

  @Test
  void tellsNamesWithControlCharactersOnOneLine() throws IOException {
    java.nio.file.Path odd = Files.createDirectories(folder.resolve("odd\n\u001b[2J"));
    Files.writeString(odd.resolve("x\n.tar"), "no shard");

    refuses(
        "no usable image under %s: %s: not a tar shard: it ends within a block"
            .formatted(folder + "/odd\n\u001b[2J", uri("odd\\u{a}\\u{1b}[2J/x\\u{a}.tar")),
        odd.toString());
  }
}
