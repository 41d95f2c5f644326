package io.simmim.operators.catalog.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.catalog.tar.TestShard;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelingTest {
  @TempDir private Path folder;

  @Test
  void takesTheFirstFolderBelowTheInput() throws IOException {
    image("input/dog/1.jpg");
    image("input/cat/deep/er/2.jpg");
    image("input/cat/3.png");

    LabelTable table = table("input");

    assertThat(table.classes()).containsExactly("cat", "dog");
    assertThat(names(table, "input")).containsExactly("cat", "cat", "dog");
    assertThat(table.note()).isEmpty();
  }

  /** As UTF-8 has them: torchvision sorts folders so, whatever numbers they are. */
  @Test
  void numbersClassesInTheOrderOfTheirBytes() throws IOException {
    for (String name : List.of("b", "B", "ä", "10", "a 1", "\uD83D\uDE00", "\uFFFD")) {
      image("input/" + name + "/x.jpg");
    }

    assertThat(table("input").classes())
        .containsExactly("10", "B", "a 1", "b", "ä", "\uFFFD", "\uD83D\uDE00");
  }

  @Test
  void leavesOutWhatLiesDirectlyInTheInputAndSaysSo() throws IOException {
    image("input/0.jpg");
    image("input/1.jpg");
    image("input/cat/2.jpg");

    LabelTable table = table("input");

    assertThat(names(table, "input")).containsExactly(null, null, "cat");
    assertThat(table.without()).isEqualTo(2);
    assertThat(table.note())
        .hasValue(
            "left out images without a class: 2, the first is file:%s/input/0.jpg: it has no .cls beside it in a shard, and lies in no folder below the input"
                .formatted(folder));
  }

  @Test
  void refusesImagesOfWhichNoneHasAClass() throws IOException {
    image("input/0.jpg");

    assertThatThrownBy(() -> table("input"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no image has a class: file:%s/input/0.jpg: it has no .cls beside it in a shard, and"
                + " lies in no folder below the input",
            folder);
  }

  @Test
  void takesTheInnerOfTwoInputs() throws IOException {
    image("input/cat/1.jpg");
    new TestShard().file("x/2.jpg", new byte[1]).file("3.jpg", new byte[1]).write(shard("s.tar"));
    List<String> inputs = List.of(folder + "/input/s.tar", folder + "/input/cat/1.jpg");

    LabelTable table = Labeling.of(CatalogLister.list(inputs), ShardReading.defaults());

    assertThat(table.classes()).containsExactly("x");
    assertThat(table.without()).isEqualTo(2); // The image's own folder is an input here.
  }

  @Test
  void takesAShardForAFolder() throws IOException {
    new TestShard()
        .file("./cat/1.jpg", new byte[1])
        .file("/dog/a/2.jpg", new byte[1])
        .file("../3.jpg", new byte[1])
        .write(shard("a.tar"));
    new TestShard().file("4.jpg", new byte[1]).write(shard("bird/b.tar"));

    LabelTable table = table("input");

    assertThat(table.classes()).containsExactly("bird", "cat", "dog");
    assertThat(names(table, "input")).containsExactly("cat", "dog", null, "bird");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void takesTheClassBesideAnImageInAShard(int concurrency) throws IOException {
    for (int i = 0; i < 20; i++) {
      new TestShard()
          .file("n/%d.cls".formatted(i), text(" 10\n"))
          .file("n/%d.jpg".formatted(i), new byte[1])
          .file("n/%d.json".formatted(i), text("{}"))
          .file("n/x%d.left.jpg".formatted(i), new byte[1])
          .file("n/x%d.right.png".formatted(i), new byte[1])
          .file("n/x%d.cls".formatted(i), text("9"))
          .write(shard("s%02d.tar".formatted(i)));
    }
    image("input/7/1.jpg");
    Catalog catalog = CatalogLister.list(List.of(folder + "/input"));

    LabelTable table = Labeling.of(catalog, new ShardReading(concurrency, 1, Duration.ofMillis(1)));

    assertThat(table.classes()).containsExactly("7", "9", "10");
    assertThat(table.without()).isZero();
    for (long id = 0; id < catalog.size(); id++) {
      String member = catalog.ref(id).member();
      String expected = member.isEmpty() ? "7" : member.startsWith("n/x") ? "9" : "10";
      assertThat(table.classes().get(table.of(id))).isEqualTo(expected);
    }
  }

  /** Extensions of images count in both cases, and WebDataset takes none for another. */
  @Test
  void takesAClassInUpperCase() throws IOException {
    new TestShard().file("n/1.JPG", new byte[1]).file("n/1.CLS", text("7")).write(shard("s.tar"));

    LabelTable table = table("input");

    assertThat(names(table, "input")).containsExactly("7");
  }

  @Test
  void findsNoClassThatStandsElsewhereInTheShard() throws IOException {
    new TestShard()
        .file("a/1.jpg", new byte[1])
        .file("a/2.jpg", new byte[1])
        .file("a/1.cls", text("0"))
        .file("a/2.cls", text("1"))
        .file("a/3.cls", text("2"))
        .file("a/3.jpg", new byte[1])
        .file("a/4.jpg", new byte[1])
        .write(shard("s.tar"));

    LabelTable table = table("input");

    assertThat(names(table, "input")).containsExactly(null, null, "2", null);
    assertThat(table.note().orElseThrow())
        .endsWith(
            "3, the first is file:%s/input/s.tar!/a/1.jpg: the shard has .cls members, but none that can be used stands beside it"
                .formatted(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "a\u202Eb", "\u0007", "LONG", "LATIN"})
  void saysWhyAClassCannotBe(String text) throws IOException {
    byte[] content =
        switch (text) {
          case "LONG" -> new byte[257];
          case "LATIN" -> new byte[] {(byte) 0xE4};
          default -> text(text);
        };
    new TestShard()
        .file("1.cls", content)
        .file("1.jpg", new byte[1])
        .file("2.jpg", new byte[1])
        .file("2.cls", text("k".repeat(256)))
        .write(shard("s.tar"));

    LabelTable table = table("input");

    assertThat(names(table, "input")).containsExactly(null, "k".repeat(256));
    assertThat(table.note().orElseThrow())
        .hasLineCount(1)
        .matches(
            ".*!/1.jpg: .*; file:.*!/1.cls is no class: (it has (0|257) bytes|it is blank|it says"
                + " (a\\\\u\\{202e\\}b|\\\\u\\{7\\})|it is no UTF-8) \\(allowed: 1 to 256 bytes of"
                + " printable text\\)");
  }

  @Test
  void numbersClassesAsAnotherTableDoes() throws IOException {
    image("train/a/1.jpg");
    image("train/b/1.jpg");
    image("train/c/1.jpg");
    image("test/c/1.jpg");
    image("test/a/1.jpg");
    LabelTable train = table("train");

    LabelTable test = table("test").numberedAs(train.classes());

    assertThat(test.classes()).isEqualTo(train.classes());
    assertThat(List.of(test.of(0), test.of(1))).containsExactly(0, 2);
    assertThatThrownBy(() -> train.numberedAs(List.of("a", "c")))
        .isInstanceOf(UserError.class)
        .hasMessage("unknown class: b (allowed: a, c)");
  }

  @Test
  void refusesMoreClassesThanImagesShare() throws IOException {
    TestShard shard = new TestShard();
    for (int i = 0; i <= 100_000; i++) {
      shard.file(i + "/1.jpg", new byte[0]);
    }
    shard.write(shard("s.tar"));

    assertThatThrownBy(() -> table("input"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the images have more than 100,000 classes, among them 100000 (allowed: folders or .cls"
                + " that many images share)");
  }

  /** Numbers of single images in place of classes. */
  @Test
  void refusesMoreClassesThanOneShardMayHave() throws IOException {
    TestShard shard = new TestShard().file("0.jpg", new byte[1]);
    for (int i = 0; i <= 100_000; i++) {
      shard.file(i + ".cls", text("c" + i));
    }
    shard.write(shard("s.tar"));

    assertThatThrownBy(() -> table("input"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the images have more than 100,000 classes, among them c100000 (allowed: folders or"
                + " .cls that many images share)");
  }

  @Test
  void namesAShardThatCannotBeReadAgain() throws IOException {
    Path shard = new TestShard().file("1.jpg", new byte[1]).write(shard("s.tar"));
    Catalog catalog = CatalogLister.list(List.of(folder + "/input"));
    Files.delete(shard);

    assertThatThrownBy(() -> Labeling.of(catalog, ShardReading.defaults()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read file:%s: ".formatted(shard));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void image(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[1]);
  }

  private Path shard(String name) {
    return folder.resolve("input").resolve(name);
  }

  private LabelTable table(String input) throws IOException {
    return Labeling.of(
        CatalogLister.list(List.of(folder.resolve(input).toString())), ShardReading.defaults());
  }

  /** The class of each image, or null. */
  private List<String> names(LabelTable table, String input) {
    Catalog catalog = CatalogLister.list(List.of(folder.resolve(input).toString()));
    List<String> names = new ArrayList<>();
    for (long id = 0; id < catalog.size(); id++) {
      names.add(table.of(id) == LabelTable.NONE ? null : table.classes().get(table.of(id)));
    }
    return names;
  }
}
