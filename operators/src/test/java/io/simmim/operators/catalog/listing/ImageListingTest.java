package io.simmim.operators.catalog.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.Test;

class ImageListingTest extends ListedFolder {
  private static final String ALLOWED =
      "(allowed: a readable folder, .jpg, .jpeg, .png or .tar file)";

  @Test
  void listsRecursively() {
    assertThat(uris(CatalogLister.list(List.of(folder.toString()))))
        .containsExactly(
            uri("a-b/y.JPG"),
            uri("a.jpg"),
            uri("a/deep/er/z.JpEg"),
            uri("a/x.jpg"),
            uri("b/20:30:00 #1 %41?.jpg"),
            uri("b/_under.jpeg"),
            uri("empty.jpg"),
            uri("out/demo.jpg"));
  }

  @Test
  void takesEveryFormatThatIsDecodedByItsName() throws IOException {
    java.nio.file.Path formats = Files.createDirectory(folder.resolve("formats"));
    for (String name : List.of("a.PNG", "b.jpg", "c.gif", "d.png", "e.webp", "png")) {
      Files.writeString(formats.resolve(name), name);
    }

    assertThat(uris(CatalogLister.list(List.of(formats.toString()))))
        .containsExactly(uri("formats/a.PNG"), uri("formats/b.jpg"), uri("formats/d.png"));
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
                .images(List.of(folder.toString()))
                .requireImages());

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
    Catalog catalog = CatalogLister.list(List.of(folder.toString()));

    assertThat(catalog.ref(0)).isEqualTo(new ImageRef(0, uri("a-b/y.JPG"), 0, 9));
    assertThat(refs(catalog)).contains(new ImageRef(6, uri("empty.jpg"), 0, 0));
  }

  @Test
  void countsImagesReachedTwiceOnce() {
    String a = folder.resolve("a").toString();
    Catalog once = CatalogLister.list(List.of(folder.toString()));
    Catalog overlapping =
        CatalogLister.list(
            List.of(
                a,
                folder + "/a.jpg",
                "file://" + folder,
                folder + "//b/../",
                a + "/deep/",
                folder.toString()));

    assertThat(overlapping.digest()).isEqualTo(once.digest());
    assertThat(once.roots()).containsExactly("file:" + folder);
    assertThat(uris(CatalogLister.list(List.of(folder + "/a.jpg", a))))
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
            .images(List.of(folder.toString()))
            .requireImages();

    assertThat(remote.digest()).isEqualTo(CatalogLister.list(List.of(folder.toString())).digest());
  }

  @Test
  void leavesOutExcludedFolders() {
    Catalog catalog =
        CatalogLister.list(
            List.of(folder.toString()),
            List.of("file://" + folder + "/out/"),
            ShardReading.defaults());

    assertThat(uris(catalog)).hasSize(7).doesNotContain(uri("out/demo.jpg"));
  }

  @Test
  void takesASingleFileAndProbesItsFolder() {
    Catalog catalog = CatalogLister.list(List.of(folder + "/a/x.jpg"));

    assertThat(uris(catalog)).containsExactly(uri("a/x.jpg"));
    assertThat(catalog.roots()).containsExactly("file:" + folder + "/a");
  }

  @Test
  void tellsOfArchivesOfWhichNoPartCanBeRead() throws IOException {
    for (String name : List.of("a/0.tar.gz", "a/1.TGZ", "b/x.tar.zst", "b/photos.zip")) {
      Files.writeString(folder.resolve(name), name);
    }
    java.nio.file.Path only = Files.createDirectories(folder.resolve("only"));
    Files.writeString(only.resolve("0.tar.bz2"), "0");
    String note =
        "skipped archives, of which no part can be read alone (unpack them; gunzip makes a .tar of a"
            + " .tar.gz): %d, the first is %s";

    Listing listing = list(folder);

    assertThat(uris(listing.catalog())).hasSize(8);
    assertThat(listing.notes()).contains(note.formatted(5, uri("a/0.tar.gz")));
    refuses(
        "no image (.jpg, .jpeg, .png, or in .tar) under %s; %s"
            .formatted(only, note.formatted(1, uri("only/0.tar.bz2"))),
        only.toString());
    refuses(
        "input is an archive of which no part can be read alone (unpack it): %s %s"
            .formatted(uri("a/1.TGZ"), ALLOWED),
        folder + "/a/1.TGZ");
  }

  @Test
  void tellsOfInputsWithoutImages() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    assertThat(
            CatalogLister.listing(
                    List.of(folder + "/a", folder + "/b", folder + "/empty", folder + "/out"),
                    List.of(folder + "/out"),
                    ShardReading.defaults())
                .notes())
        .contains("found no image in inputs: 2, the first is " + uri("empty"));
  }

  @Test
  void namesWhatItCannotList() {
    refuses(
        "input does not exist or may not be read: file:%s/none %s".formatted(folder, ALLOWED),
        folder.toString(),
        folder + "/none");
    refuses(
        "input is neither a JPEG, a PNG nor a tar shard: file:%s/b/notes.txt %s"
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
                    .images(List.of(folder.toString())))
        .isInstanceOf(UserError.class)
        .hasMessage("cannot list file:%s/a/deep: permission denied %s".formatted(folder, ALLOWED));
  }

  @Test
  void leavesOutWhatIsDeletedWhileItIsListed() throws IOException {
    FolderLister lister =
        path -> {
          if (path.getName().equals("a")) {
            Files.deleteIfExists(folder.resolve("a/deep/er/z.JpEg"));
            Files.deleteIfExists(folder.resolve("a/deep/er"));
          }
          List<FolderLister.Child> children = FolderLister.anywhere().children(path);
          if (path.getName().equals("a")) {
            Files.deleteIfExists(folder.resolve("a/deep"));
          }
          return children;
        };

    Listing listing =
        new ImageListing(List.of(), ShardReading.defaults(), lister)
            .images(List.of(folder.toString()));

    assertThat(uris(listing.catalog())).hasSize(7).contains(uri("a/x.jpg"));
    assertThat(listing.notes())
        .contains(
            "skipped folders and shards that were deleted while they were listed: 1, the first is "
                + uri("a/deep"));
  }

  @Test
  void leavesOutAShardThatIsDeletedWhileItIsListed() throws IOException {
    Listing listing = listingThatLosesItsShard(folder.resolve("a"));

    assertThat(uris(listing.catalog())).containsExactly(uri("a/deep/er/z.JpEg"), uri("a/x.jpg"));
    assertThat(listing.notes())
        .containsExactly(
            "skipped folders and shards that were deleted while they were listed: 1, the first is "
                + uri("a/s.tar"));
  }

  @Test
  void refusesAShardThatIsGoneWithAllBesideIt() throws IOException {
    java.nio.file.Path alone = Files.createDirectory(folder.resolve("alone"));

    assertThatThrownBy(() -> listingThatLosesItsShard(alone))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "cannot list the input: cannot read %s: ".formatted(uri("alone/s.tar")));
  }

  private static Listing listingThatLosesItsShard(java.nio.file.Path input) throws IOException {
    java.nio.file.Path shard = Files.write(input.resolve("s.tar"), new byte[1024]);
    FolderLister lister =
        path -> {
          List<FolderLister.Child> children = FolderLister.anywhere().children(path);
          Files.deleteIfExists(shard);
          return children;
        };
    return new ImageListing(List.of(), ShardReading.defaults(), lister)
        .images(List.of(input.toString()));
  }

  @Test
  void namesAShardThatMayNotBeRead() throws IOException {
    Files.write(folder.resolve("a/s.tar"), new byte[1024]);
    FlakyFileSystem.onOpen(
        path -> {
          throw new AccessDeniedException(
              "s3://b/s.tar: open s3://b/s.tar at 0: Forbidden (Service: Amazon S3; Status Code:"
                  + " 403; Error Code: AccessDenied; Request ID: 17)");
        });
    try {
      refuses(
          "cannot list the input: cannot read flaky:%s/a/s.tar: access denied: the credentials are wrong or do not allow it"
              .formatted(folder),
          "flaky:" + folder + "/a");
    } finally {
      FlakyFileSystem.reset();
    }
  }

  /** The mount point of a disk that was taken away is an empty folder. */
  @Test
  void refusesFoldersThatAreGoneWithAllBesideThem() {
    FolderLister lister =
        path -> {
          List<FolderLister.Child> children = FolderLister.anywhere().children(path);
          if (path.equals(new Path("file:" + folder))) {
            deleteAll();
          }
          return children;
        };

    assertThatThrownBy(
            () ->
                new ImageListing(List.of(), ShardReading.defaults(), lister)
                    .images(List.of(folder.toString())))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("cannot list %s: ".formatted(uri("a-b")));
  }

  private void deleteAll() throws IOException {
    try (Stream<java.nio.file.Path> files = Files.walk(folder)) {
      for (java.nio.file.Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
  }

  /** With a lister of its own: real ones so deep are slow to delete. */
  @Test
  void listsFoldersHoweverDeepTheyAre() {
    int depth = new Path(folder.toString()).depth() + 5000;
    FolderLister lister =
        path ->
            new ArrayList<>(
                List.of(
                    path.depth() < depth
                        ? FolderLister.Child.folder("d")
                        : FolderLister.Child.file("x.jpg", 1)));

    assertThat(
            new ImageListing(List.of(), ShardReading.defaults(), lister)
                .images(List.of(folder.toString()))
                .catalog()
                .size())
        .isEqualTo(1);
  }

  @Test
  void saysWhenThereIsNoImage() throws IOException {
    java.nio.file.Path empty = Files.createDirectories(folder.resolve("no/images"));

    refuses("no image (.jpg, .jpeg, .png, or in .tar) under " + empty, empty.toString());
  }
}
