package io.simmim.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchedListsTest {
  private static final String PICTURES = "pictures.every-steps=10";
  private static final String EVALUATION = "eval.every-epochs=1";

  @TempDir Path work;
  private RunFolder folder;
  private CatalogReference trained;
  private int written;

  @BeforeEach
  void write() throws IOException {
    images("train/cat", 30);
    images("train/dog", 30);
    images("test/cat", 5);
    folder = RunFolder.open(work.resolve("output").toString());
    trained =
        CatalogLister.listing(
                List.of(work.resolve("train").toString()),
                List.of(),
                new ShardReading(1, 1, Duration.ofMillis(1)))
            .requireImages()
            .write(folder.catalog().toString());
  }

  private void images(String name, int count) throws IOException {
    Path images = Files.createDirectories(work.resolve(name));
    for (int i = 0; i < count; i++) {
      Files.writeString(images.resolve("%02d.jpg".formatted(i)), "not read here");
    }
  }

  private WatchedImages prepare(String... assignments) {
    return WatchedLists.prepare(
        new ConfigLoader().set(List.of(assignments)).load().config(),
        folder,
        Optional.of(trained),
        () -> written++,
        line -> {});
  }

  private static List<String> names(CatalogReference reference) throws IOException {
    Catalog catalog = Catalog.read(reference);
    List<String> names = new ArrayList<>();
    for (long id = 0; id < catalog.size(); id++) {
      names.add(catalog.ref(id).uri());
    }
    return names;
  }

  private WatchedImages neighbours(String input, String validation) {
    return prepare(
        EVALUATION,
        "eval.input=[%s]".formatted(work.resolve(input)),
        "eval.validation=[%s]".formatted(work.resolve(validation)));
  }

  @Test
  void imagesFollowFromTheSeed() throws Exception {
    List<String> first = names(prepare(PICTURES).pictures());
    assertThat(first).hasSize(8).isSorted().doesNotHaveDuplicates();
    assertThat(names(prepare(PICTURES, "seed=1").pictures())).isNotEqualTo(first);
    assertThat(names(prepare(PICTURES, "seed=0").pictures())).isEqualTo(first);
  }

  @Test
  void onlyWhatIsOnHasImages() {
    WatchedImages pictures = prepare(PICTURES, "pictures.images=3");
    assertThat(pictures.pictures().size()).isEqualTo(3);
    assertThat(pictures.rank()).isNull();
    assertThat(pictures.bank()).isNull();

    WatchedImages rank = prepare(EVALUATION, "eval.rank-images=20");
    assertThat(rank.pictures()).isNull();
    assertThat(rank.rank().size()).isEqualTo(20);
    assertThat(rank.bank()).isNull();
    assertThat(prepare(EVALUATION).rank().size()).as("all there are").isEqualTo(60);
  }

  @Test
  void aContinuedRunKeepsThemWhateverArrivedSince() throws Exception {
    String[] keys = {
      PICTURES, "pictures.input=[%s]".formatted(work.resolve("test")), EVALUATION,
    };
    List<String> first = names(prepare(keys).pictures());
    images("test/bird", 5);

    assertThat(names(prepare(keys).pictures())).isEqualTo(first).hasSize(5);
    assertThat(written).isEqualTo(1);
    assertThat(names(prepare(PICTURES, keys[1]).pictures())).as("other keys").hasSize(8);
  }

  @Test
  void aChangeThatIsRefusedLeavesTheImagesThatWere() throws Exception {
    List<String> first = names(prepare(PICTURES).pictures());

    assertThatThrownBy(
            () ->
                prepare(
                    PICTURES,
                    "pictures.images=3",
                    EVALUATION,
                    "eval.input=[%s]".formatted(work.resolve("train")),
                    "eval.validation=[%s]".formatted(work.resolve("no"))))
        .isInstanceOf(UserError.class);

    assertThat(names(prepare(PICTURES).pictures())).isEqualTo(first);
  }

  /** The lists of a change that was not finished must not pass for those of the keys before. */
  @Test
  void aChangeThatIsInterruptedAnywhereMixesNothing() throws Exception {
    folder = RunFolder.open("oss://" + folder.root().getPath());
    String[] keys = {PICTURES, "pictures.images=5", EVALUATION, "eval.rank-images=7"};
    String[] changed = {PICTURES, "pictures.images=3", EVALUATION, "eval.rank-images=9"};
    boolean interrupted = true;
    try {
      for (int operations = 0; interrupted; operations++) {
        prepare(keys);
        BrittleFileSystem.failAfter(operations);
        try {
          prepare(changed);
          interrupted = false;
        } catch (UserError e) {
          assertThat(e).hasMessageContaining("killed");
        }
        BrittleFileSystem.heal();
        WatchedImages images = prepare(keys);
        assertThat(images.pictures().size()).isEqualTo(5);
        assertThat(images.rank().size()).isEqualTo(7);
      }
    } finally {
      BrittleFileSystem.heal();
    }
  }

  @Test
  void classesAreThoseOfTheImagesThatVote() throws Exception {
    WatchedImages images = neighbours("train", "test");

    assertThat(images.bank().read().labels().classes()).containsExactly("cat", "dog");
    assertThat(images.bank().read().count()).isEqualTo(60);
    assertThat(images.validation().read().labels().classes()).containsExactly("cat", "dog");
    assertThat(images.validation().read().count()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "rank, emptied, catalog file:%s/rank is damaged: it has 0 bytes",
    "bank-labels, emptied, file:%s/bank-labels is damaged",
    "bank-labels, of another class, file:%s/bank-labels is damaged",
    "validation-labels, of another list, file:%s/validation-labels is damaged: it has the classes of 1 images instead of 5",
    "validation-labels, deleted, %s/validation-labels (No such file or directory)"
  })
  void aDamagedListIsToldOfWithTheWayOut(String name, String how, String problem) throws Exception {
    neighbours("train", "test");
    Path watched = work.resolve("output/watched");
    Path damaged = watched.resolve(name);
    byte[] bytes = Files.readAllBytes(damaged);
    Files.delete(damaged);
    switch (how) {
      case "emptied" -> Files.createFile(damaged);
      case "of another class" -> {
        bytes[bytes.length - Integer.BYTES - 1] ^= 1; // before the checksum
        Files.write(damaged, bytes);
      }
      case "of another list" ->
          LabelFile.write(
              LabelTable.ofOneClass(1), 1, new org.apache.flink.core.fs.Path(damaged.toUri()));
      default -> assertThat(how).isEqualTo("deleted");
    }

    assertThatThrownBy(() -> neighbours("train", "test"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s; without the folder %s the same command chooses these images anew"
                .formatted(problem.formatted(watched), watched));
    FileUtils.deleteDirectory(watched.toFile());
    assertThat(neighbours("train", "test").validation().read().count()).isEqualTo(5);
  }

  @Test
  void anUnknownClassIsRefused() {
    assertThatThrownBy(() -> neighbours("test", "train"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "eval.input and eval.validation must have the same classes: unknown class: dog (allowed: cat)");
  }

  @Test
  void imagesThatAreNotThereAreRefusedByTheirKey() {
    assertThatThrownBy(() -> prepare(PICTURES, "pictures.input=[" + work.resolve("no") + "]"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("pictures.input: ");
  }
}
