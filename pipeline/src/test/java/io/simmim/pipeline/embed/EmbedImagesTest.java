package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.embed.EmbedRecord.Stage;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images of a catalog that lies in the output. */
@Timeout(60)
class EmbedImagesTest {
  @TempDir private Path output;
  private RunFolder folder;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void open() {
    folder = RunFolder.open("oss://" + output);
  }

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  @Test
  void keepsTheClassesInAFileThatAllTasksOfAProcessReadOnce() throws Exception {
    LabelSource labels = images(10_000, i -> i < 5_000 ? "cat" : "dog").labels();
    assertThat(InstantiationUtil.serializeObject(labels)).hasSizeLessThan(1000);
    BrittleFileSystem.heal();

    try (LabelSource.Opened first = labels.open();
        LabelSource.Opened second = copy(labels).open()) {
      assertThat(BrittleFileSystem.opened()).isEqualTo(1);
      assertThat(first.of(ref(4_999, "cat"))).isEqualTo("cat");
      assertThat(second.of(ref(5_000, "dog"))).isEqualTo("dog");
    }
    labels.open().close();
    assertThat(BrittleFileSystem.opened()).as("read again after the last one").isEqualTo(2);
    assertThat(said).isEmpty();
  }

  @Test
  void doesNotLookForClassesAgainWhenTheJobGoesOn() throws IOException {
    EmbedImages first = images(10, i -> i < 5 ? "cat" : "dog");
    BrittleFileSystem.heal();

    EmbedImages again = of(new EmbedRecord(first.values(), Stage.BEGUN));

    assertThat(again).isEqualTo(first);
    assertThat(BrittleFileSystem.opened()).as("the catalog").isEqualTo(1);
  }

  @Test
  void saysWhyRowsGetNoLabelsUnlessNoImageHasOne() throws Exception {
    EmbedImages many = images(100_001, i -> "%06d".formatted(i));

    assertThat(many.labels()).isEqualTo(new LabelSource.None());
    assertThat(said)
        .containsExactly(
            "the rows get no labels: the images have more than 100,000 classes, among them"
                + " 100000 (allowed: folders or .cls that many images share)");
    said.clear();

    assertThat(images(10, i -> "").labels().open().of(ref(0, ""))).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void aRestartMendsStorageThatFailsAndNotLabelsThatAreOthers() throws IOException {
    LabelSource labels = images(10, i -> "one").labels();
    BrittleFileSystem.failAfter(0, "Read timed out");
    assertThatThrownBy(labels::open).isInstanceOf(IOException.class).hasMessage("Read timed out");
    BrittleFileSystem.heal();
    labels.open().close();

    images(11, i -> "one");
    assertThatThrownBy(labels::open)
        .isInstanceOf(SuppressRestartsException.class)
        .hasRootCauseMessage(
            "the labels are not those that the job began with: %s", folder.labels());
    Files.delete(output.resolve("labels"));
    assertThatThrownBy(labels::open)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessageStartingWith("the labels cannot be read: " + folder.labels());
  }

  /** As a job of a build that did not note labels goes on. */
  private EmbedImages images(int count, IntFunction<String> classes) throws IOException {
    List<ImageRef> refs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      refs.add(ref(i, classes.apply(i)));
    }
    Catalog catalog = Catalog.of(refs, List.of("file:/photos"));
    catalog.write(folder.catalog().toString());
    return of(
        new EmbedRecord(
            Map.of("images", catalog.digest(), "count", Integer.toString(count)), Stage.BEGUN));
  }

  private static ImageRef ref(int id, String name) {
    String parent = name.isEmpty() ? "" : name + "/";
    return new ImageRef(id, "file:/photos/%s%06d.jpg".formatted(parent, id), 0, 9, "", "", "");
  }

  private EmbedImages of(EmbedRecord before) {
    return EmbedImages.of(
        new ConfigLoader().load().config(), folder, Optional.of(before), said::add);
  }

  private static LabelSource copy(LabelSource labels) throws Exception {
    return InstantiationUtil.clone(labels);
  }
}
