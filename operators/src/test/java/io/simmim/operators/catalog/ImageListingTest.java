package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageListingTest {
  private static final String ALLOWED = "(allowed: a readable folder, .jpg, .jpeg or .tar file)";

  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    for (String name :
        List.of(
            "a/x.jpg",
            "a-b/y.JPG",
            "a.jpg",
            "a/deep/er/z.JpEg",
            "b/.hidden.jpg",
            "b/_under.jpeg",
            "b/20:30:00 #1 %41?.jpg",
            "b/notes.txt",
            "b/jpg",
            "out/demo.jpg")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
    Files.createFile(folder.resolve("empty.jpg"));
  }

  @Test
  void listsRecursively() {
    assertThat(uris(Catalog.list(List.of(folder.toString()))))
        .containsExactly(
            uri("a-b/y.JPG"),
            uri("a.jpg"),
            uri("a/deep/er/z.JpEg"),
            uri("a/x.jpg"),
            uri("b/.hidden.jpg"),
            uri("b/20:30:00 #1 %41?.jpg"),
            uri("b/_under.jpeg"),
            uri("empty.jpg"),
            uri("out/demo.jpg"));
  }

  /** With a lister of its own: whether Java can name such files depends on the locale. */
  @Test
  void sortsByTheBytesOfUtf8() {
    FolderLister lister =
        path ->
            Stream.of("\uD83D\uDE00.jpg", "\uFF21.jpg", "日本.jpg", "Ärger.jpg", "z.jpg")
                .map(name -> FolderLister.Child.file(name, 1))
                .collect(Collectors.toCollection(ArrayList::new));
    List<String> uris =
        uris(
            new ImageListing(List.of(), ShardReading.defaults(), lister)
                .list(List.of(folder.toString())));

    assertThat(uris)
        .hasSize(5)
        .isSortedAccordingTo(
            (a, b) ->
                Arrays.compareUnsigned(
                    a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)))
        .endsWith(uri("\uFF21.jpg"), uri("\uD83D\uDE00.jpg"));
  }

  @Test
  void knowsLengths() {
    Catalog catalog = Catalog.list(List.of(folder.toString()));

    assertThat(catalog.ref(0)).isEqualTo(new ImageRef(0, uri("a-b/y.JPG"), 0, 9));
    assertThat(refs(catalog)).contains(new ImageRef(7, uri("empty.jpg"), 0, 0));
  }

  @Test
  void countsImagesReachedTwiceOnce() {
    String a = folder.resolve("a").toString();
    Catalog once = Catalog.list(List.of(folder.toString()));
    Catalog overlapping =
        Catalog.list(
            List.of(
                a,
                folder + "/a.jpg",
                "file://" + folder,
                folder + "//b/../",
                a + "/deep/",
                folder.toString()));

    assertThat(overlapping.digest()).isEqualTo(once.digest());
    assertThat(once.roots()).containsExactly("file:" + folder);
    assertThat(uris(Catalog.list(List.of(folder + "/a.jpg", a))))
        .containsExactly(uri("a.jpg"), uri("a/deep/er/z.JpEg"), uri("a/x.jpg"));
  }

  @Test
  void listsLikeAnyOtherFileSystem() throws IOException {
    Files.delete(folder.resolve("b/20:30:00 #1 %41?.jpg"));
    Catalog remote =
        new ImageListing(
                List.of(),
                ShardReading.defaults(),
                FolderLister.remote(LocalFileSystem.getSharedInstance()))
            .list(List.of(folder.toString()));

    assertThat(remote.digest()).isEqualTo(Catalog.list(List.of(folder.toString())).digest());
  }

  @Test
  void leavesOutExcludedFolders() {
    Catalog catalog =
        Catalog.list(
            List.of(folder.toString()),
            List.of("file://" + folder + "/out/"),
            ShardReading.defaults());

    assertThat(uris(catalog)).hasSize(8).doesNotContain(uri("out/demo.jpg"));
  }

  @Test
  void takesASingleFileAndProbesItsFolder() {
    Catalog catalog = Catalog.list(List.of(folder + "/a/x.jpg"));

    assertThat(uris(catalog)).containsExactly(uri("a/x.jpg"));
    assertThat(catalog.roots()).containsExactly("file:" + folder + "/a");
  }

  @Test
  void followsLinksAndKeepsThoseToNowhere() throws IOException {
    Path linked = Files.createDirectories(folder.resolve("links"));
    Files.createSymbolicLink(linked.resolve("nowhere.jpg"), folder.resolve("gone.jpg"));
    Files.createSymbolicLink(linked.resolve("file.jpg"), folder.resolve("a.jpg"));
    Files.createSymbolicLink(linked.resolve("folder"), folder.resolve("a/deep"));

    assertThat(refs(Catalog.list(List.of(linked.toString()))))
        .containsExactly(
            new ImageRef(0, uri("links/file.jpg"), 0, 5),
            new ImageRef(1, uri("links/folder/er/z.JpEg"), 0, 16),
            new ImageRef(2, uri("links/nowhere.jpg"), 0, 0));
  }

  @Test
  void refusesLinksThatLeadBack() throws IOException {
    Files.createSymbolicLink(folder.resolve("a/deep/back"), folder.resolve("a"));

    refuses(
        "cannot list file:%s/a/deep/back: the link leads back to %s %s"
            .formatted(folder, folder.resolve("a").toRealPath(), ALLOWED),
        folder.toString());
  }

  @Test
  void namesWhatItCannotList() {
    refuses(
        "input does not exist or may not be read: file:%s/none %s".formatted(folder, ALLOWED),
        folder.toString(),
        folder + "/none");
    refuses(
        "input is neither a JPEG nor a tar shard: file:%s/b/notes.txt %s"
            .formatted(folder, ALLOWED),
        folder + "/b/notes.txt");
    refuses("no input given " + ALLOWED);
    refuses("input is blank " + ALLOWED, " ");
    refuses(
        "no file system for nosuch://x/y (allowed: a path, or a scheme whose plugin is in Flink's plugins/)",
        "nosuch://x/y");
  }

  @Test
  void namesAnUnreadableFolderBelow() {
    FolderLister lister =
        path -> {
          if (path.getName().equals("deep")) {
            throw new IOException("permission denied", new AccessDeniedException("deep"));
          }
          return FolderLister.anywhere().children(path);
        };

    assertThatThrownBy(
            () ->
                new ImageListing(List.of(), ShardReading.defaults(), lister)
                    .list(List.of(folder.toString())))
        .isInstanceOf(UserError.class)
        .hasMessage("cannot list file:%s/a/deep: permission denied %s".formatted(folder, ALLOWED));
  }

  @Test
  void refusesNamesThatCannotBeOpenedAgain() throws IOException {
    Files.createFile(folder.resolve("b/back\\slash.jpg"));

    refuses(
        "cannot list file:%s/b: Flink cannot read names with a backslash: back\\slash.jpg %s"
            .formatted(folder, ALLOWED),
        folder.toString());
  }

  @Test
  void saysWhenThereIsNoImage() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("no/images"));

    refuses("no JPEG (.jpg, .jpeg, or in .tar) under " + empty, empty.toString());
  }

  private static void refuses(String message, String... uris) {
    assertThatThrownBy(() -> Catalog.list(List.of(uris)))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  private String uri(String name) {
    return "file:" + folder + "/" + name;
  }

  private static List<ImageRef> refs(Catalog catalog) {
    return LongStream.range(0, catalog.size()).mapToObj(catalog::ref).toList();
  }

  private static List<String> uris(Catalog catalog) {
    return refs(catalog).stream().map(ImageRef::uri).toList();
  }
}
