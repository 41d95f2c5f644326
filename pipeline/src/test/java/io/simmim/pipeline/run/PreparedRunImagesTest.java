package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which images a run has, and that they stay. */
class PreparedRunImagesTest extends PreparedRunCase {
  @Test
  void listsTheImagesOnceAndKeepsTheList() throws IOException {
    PreparedRun first = prepare(LATEST);
    Files.writeString(images.resolve("new.jpg"), "arrived later");
    PreparedRun second = prepare(LATEST);

    assertThat(first.catalog().size()).isEqualTo(10);
    assertThat(second.catalog()).isEqualTo(first.catalog());
    assertThat(second.plan().totalSteps()).isEqualTo(2 * 2);
    assertThat(second.restore()).isEmpty();
    assertThat(output.resolve("config.resolved.yaml"))
        .content()
        .contains("micro-batch: 4", "input:\n    - " + images);
  }

  @Test
  void knowsWhatItReadsOfStorage() {
    RunSize size = prepare(LATEST).size(config());

    assertThat(size.epochRequests()).isEqualTo(8);
    assertThat(size.epochBytes()).isEqualTo(8L * "not read here".length());
  }

  /** Flink's own local file system gives up a folder for a name with a colon or a lost link. */
  @Test
  void listsAFolderWhateverElseIsInIt() throws IOException {
    Files.writeString(images.resolve("2024-05-01T10:20:30.jpg"), "an image");
    Files.writeString(images.resolve("notes 10:20.txt"), "the user's");
    Files.createDirectories(images.resolve("day 2024:05"));
    Files.writeString(images.resolve("day 2024:05/1.jpg"), "an image");
    Files.createSymbolicLink(images.resolve("nowhere"), folder.resolve("gone"));

    assertThat(prepare(LATEST).catalog().size()).isEqualTo(12);
  }

  @Test
  void saysOnceWhatIsNotUsed() throws IOException {
    Files.writeString(images.resolve("._0.jpg"), "macOS");
    Files.writeString(images.resolve("old\\10.jpg"), "an image");
    Files.writeString(images.resolve("all.tgz"), "an archive");

    PreparedRun run = prepare(LATEST);
    prepare(LATEST);

    assertThat(run.catalog().size()).isEqualTo(11);
    assertThat(said)
        .containsExactly(
            "skipped hidden files and folders (named .*, __MACOSX or lost+found): 1, the first is file:%s/._0.jpg"
                .formatted(images),
            "skipped archives, of which no part can be read alone (unpack them; gunzip makes a .tar of a .tar.gz): 1, the first is file:%s/all.tgz"
                .formatted(images),
            "1 of 11 images cannot be used, rejected.jsonl will say which; the first: file:%s/old\\10.jpg: Flink cannot read a name with a backslash: rename it"
                .formatted(images));
  }

  @Test
  void takesLogsOfArrivalsOrImagesAsInputsButNotBoth() throws IOException {
    Path log = writeLog(folder.resolve("arrivals 10:20"));
    Files.createSymbolicLink(log.resolve("nowhere"), folder.resolve("gone"));
    Files.writeString(log.resolve("notes 10:20.txt"), "the user's");

    assertThatThrownBy(() -> prepareWith(configOf(List.of(images.toString(), log.toString()))))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--input must be logs of continuous runs or images, not both: %s, %s", images, log);
    PreparedRun run = prepareWith(configOf(List.of(log.toString())));

    assertThat(run.catalog().size()).isEqualTo(8);
  }

  /** What a continuous run has collected. */
  private static Path writeLog(Path folder) throws IOException {
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(0, 0.5, 2, 2));
    for (int i = 0; i < 8; i++) {
      log.add(new ArrivedImage("file:/photos/%d.jpg".formatted(i), 0, 9, "", "", "l:9", "l", i));
    }
    ArrivalLogFiles.begin(new org.apache.flink.core.fs.Path(folder.toString()), log).write(1);
    return folder;
  }

  /** What is in an output is left out of every list: there would be no image. */
  @Test
  void refusesAnOutputThatIsAnInputAndLeavesNothingInIt() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), images);

    for (Path input : List.of(images, link)) {
      for (String follow : List.of("continuous.follow=false", "continuous.follow=true")) {
        SimmimConfig config =
            configOf(
                List.of(folder.resolve("more").toString(), input.toString()),
                follow,
                "output=" + images);

        assertThatThrownBy(() -> prepareWith(config))
            .isInstanceOf(UserError.class)
            .hasMessage(
                "--output must not be an input, whose images would be left out as its own files: %s (allowed: another folder, such as one in it)",
                input);
      }
    }
    assertThat(images.resolve("run.lock")).doesNotExist();
    assertThat(prepareWith(configOf(List.of(images.toString()))).catalog().size()).isEqualTo(10);
  }

  @Test
  void takesAnOutputInsideAnInputAndAnInputInsideTheOutput() {
    Path inside = images.resolve("run");

    assertThat(prepare(LATEST, "output=" + inside).catalog().size()).isEqualTo(10);
    assertThat(prepare(LATEST, "output=" + folder).catalog().size()).isEqualTo(10);
  }

  @Test
  void refusesOtherImages() throws IOException {
    prepare(LATEST);
    String before = Files.readString(output.resolve("config.resolved.yaml"));
    Path others = folder.resolve("others");

    for (boolean complete : new boolean[] {false, true}) {
      if (complete) {
        writeModel();
      }
      assertThatThrownBy(() -> prepareWith(configOf(List.of(others.toString()))))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "the run in %s has other images (without --input it goes on with its own; --resume none"
                  + " starts over; or choose another --output): --input was %s and is %s",
              output, images, others);
    }
    assertThat(output.resolve("config.resolved.yaml")).hasContent(before);
  }

  @Test
  void keepsItsImagesInWhateverOrderTheyAreGivenOrNone() throws IOException {
    Path more = Files.createDirectories(folder.resolve("more"));
    Files.writeString(more.resolve("10.jpg"), "not read here");
    PreparedRun first = prepareWith(configOf(List.of(images.toString(), more.toString())));

    assertThat(prepareWith(configOf(List.of(more + "/", "file:" + images))).catalog())
        .isEqualTo(first.catalog());
    assertThat(prepareWith(configOf(List.of())).catalog()).isEqualTo(first.catalog());
    assertThat(StoredImages.read(output.toString(), config()).inputs())
        .containsExactly("file:" + images, "file:" + more);
    assertThat(output.resolve("config.resolved.yaml"))
        .content()
        .contains("input:\n    - file:%s\n    - file:%s\n".formatted(images, more));
  }
}
