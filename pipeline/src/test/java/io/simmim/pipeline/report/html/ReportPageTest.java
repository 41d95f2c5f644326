package io.simmim.pipeline.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.OtherDigits;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.StoredRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
  @TempDir private Path folder;

  private String page() {
    return ReportPage.of(
        RunReader.read(
            folder.toString(), Clock.fixed(StoredRun.BEGINNING.plusSeconds(190), ZoneOffset.UTC)));
  }

  @Test
  void tellsWhatHappened() throws Exception {
    StoredRun.write(folder);

    Document page = parse(page());

    assertThat(texts(page, "h1")).containsExactly("SimMIM run " + folder);
    assertThat(texts(page, "h2"))
        .containsExactly(
            "Training",
            "Where the time went",
            "Rejected images",
            "Checkpoints and models",
            "Configuration");
    String text = page.getDocumentElement().getTextContent().replace("\n", "");
    assertThat(text)
        .contains("Silent since step 10 of 10, 2 min 0 s ago")
        .contains("Epochs5 of 5")
        .contains("Images trained on80of a list of 16")
        .contains("Goodput14 %")
        .contains("Waiting for data50 %")
        .contains("Interruptions11 min 0 s in all")
        .contains("truncated after … bytes")
        .contains("the nearest is the preset vit-tiny")
        .contains("AvgDist")
        .contains("held up by its data. More tasks that decode");
    assertThat(elements(page, "svg")).hasSize(5);
  }

  @Test
  @ExtendWith(OtherDigits.class)
  void isTheSameInEveryLanguage() throws Exception {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        """
        {"checkpoint":2,"kind":"restart","step":6,"reached_step":13,"reached_time":"2026-03-01T10:00:13Z","time":"2026-03-01T10:01:04Z"}
        """);
    String there = page();
    Locale.setDefault(Locale.ROOT);

    assertThat(there).isEqualTo(page());
  }

  @Test
  void saysWhatToDoAboutWhatIsWaitedFor() throws Exception {
    StoredRun.write(folder);
    Path metrics = folder.resolve("metrics.jsonl");
    String lines = StoredRun.divided(Files.readString(metrics));
    Files.writeString(metrics, lines);
    assertThat(text())
        .contains("waiting for fetching2.5 s3.6 %")
        .contains("waiting for decoding1.5 s2.1 %")
        .contains("waiting for the network1.0 s1.4 %")
        .contains("The trainer is held up by its data. The longest part is fetching: a higher")
        .doesNotContain("not divided");

    Files.writeString(
        metrics, lines.replace("decode_wait_share\":0.15", "decode_wait_share\":0.9"));
    assertThat(text()).contains("The longest part is decoding: more tasks that decode");

    Files.writeString(
        metrics, lines.replace("network_wait_share\":0.1", "network_wait_share\":0.9"));
    assertThat(text()).contains("The longest part is the network, the way");
  }

  /** A single step is no average: the first and the last one here are far off. */
  @Test
  void tellsTheFirstAndTheLastLossAsMeans() throws Exception {
    StoredRun.write(folder);
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= 100; step++) {
      lines.append(StoredRun.step(step, step, step == 1 ? 9 : step == 100 ? 8 : 2));
    }
    Files.writeString(folder.resolve("metrics.jsonl"), lines);

    assertThat(text())
        .contains("Loss2.8573.000 at the beginning")
        .contains("From 3.000 to 2.857 on average; of single steps the least is 2.000,");
    String runs =
        RunsPage.of(
            PageFrame.FILE,
            List.of(
                new RunsPage.Entry(
                    "run", RunReader.read(folder.toString(), Clock.systemUTC()), false)));
    assertThat(parse(runs).getDocumentElement().getTextContent()).contains("2.857");
  }

  @Test
  void showsWhatCheckpointsTook() throws Exception {
    StoredRun.write(folder);
    assertThat(text()).doesNotContain("What checkpoints took");
    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        """
        {"checkpoint":1,"kind":"checkpoint","step":3,"bytes":35700000,"seconds":1.5,"upload_seconds":0.5,"stall_seconds":0.7,"time":"2026-03-01T10:00:03Z"}
        {"checkpoint":2,"kind":"savepoint","step":6,"bytes":null,"seconds":null,"upload_seconds":null,"stall_seconds":0.7,"time":"2026-03-01T10:00:06Z"}
        {"checkpoint":2,"kind":"restart","step":6,"time":"2026-03-01T10:01:04Z"}
        {"checkpoint":3,"kin
        """);

    Document page = parse(page());

    assertThat(text())
        .contains("Training stood still for 1.4 s in 2 checkpoints, for 700.0 ms at most, 2.00 %")
        .contains("The run went on from them 1 time. 1 interruption cost 1 min 0 s in all")
        .contains("132026-03-01 10:00:03 UTC36 MB1.5 s0.5 s700.0 ms")
        .contains("2 (savepoint)62026-03-01 10:00:06 UTCunknownunknownunknown700.0 ms");
    assertThat(elements(page, "svg")).hasSize(8);
  }

  @Test
  void saysWhatRestartsCost() throws Exception {
    StoredRun.write(folder);
    assertThat(text())
        .doesNotContain("Restarts cost")
        .contains("stalls without a restart1 min 0 s");
    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        """
        {"checkpoint":2,"kind":"restart","step":6,"reached_step":13,"reached_time":"2026-03-01T10:00:13Z","time":"2026-03-01T10:01:04Z"}
        """);

    assertThat(text())
        .contains("lost work, trained again7.0 s10 %")
        .contains("downtime53 s76 %")
        .contains("stalls without a restart0.0 s0 %")
        .contains(
            "Restarts cost 53 s of downtime, 76 % of all time, and 7.0 s of lost work, 10 %: at least 7 steps.")
        .contains("62026-03-01 10:00:06 UTC1 min 0 srestart53 s7.0 s7");

    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        """
        {"checkpoint":2,"kind":"restart","step":6,"time":"2026-03-01T10:01:04Z"}
        """);
    assertThat(text())
        .doesNotContain("Restarts cost")
        .contains("restarts, not divided by an earlier build1 min 0 s");
  }

  private String text() throws Exception {
    return parse(page()).getDocumentElement().getTextContent().replace("\n", "");
  }

  @Test
  void takesNoNameForMarkup() throws Exception {
    StoredRun.write(folder);

    String page = page();

    assertThat(page).doesNotContain("<script", "<b>");
    assertThat(texts(parse(page), "code"))
        .contains("s3://b/<script>alert(\"1\")</script>&amp;'Größe 日本 🐈\\u{202e}.jpg");
  }

  @Test
  void showsWhatTheModelCouldDoWhileItWasTrained() throws Exception {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("evaluation.jsonl"),
        """
        {"step":4,"epoch":1,"knn10_top1":0.25,"knn_images":40,"knn20_top1":0.2,"effective_rank":7.5,"feature_width":192}
        {"step":10,"epoch":4,"knn10_top1":0.35,"knn_images":40,"knn20_top1":0.3,"effective_rank":9.5,"feature_width":192}
        """);
    Files.createDirectories(folder.resolve("pictures"));
    BufferedImage picture = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
    for (int step = 1; step <= 10; step++) {
      ImageIO.write(
          picture, "png", folder.resolve("pictures/step-%d.png".formatted(step)).toFile());
    }

    Document page = parse(page());

    assertThat(texts(page, "h2"))
        .containsSubsequence("Training", "Evaluation over time", "Reconstructions over time");
    assertThat(page.getDocumentElement().getTextContent())
        .contains("Top-1 of 40 images by their nearest neighbours is 35.0 % with 10 neighbours,")
        .contains("30.0 % with 20 neighbours after the last of 2 measurements.")
        .contains("Now 9.500 of 192;")
        .contains("Shown are 8 of 10 pictures.");
    assertThat(elements(page, "svg")).hasSize(7);
    assertThat(elements(page, "img")).hasSize(8);
    for (Element image : elements(page, "img")) {
      assertThat(image.getAttribute("src")).startsWith("data:image/png;base64,");
    }
    assertThat(elements(page, "img").get(7).getAttribute("alt")).isEqualTo("After step 10.");
  }

  @Test
  void showsWhatLinearClassifiersWereWorthWhereSomeWereTrained() throws Exception {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("evaluation.jsonl"),
        """
        {"step":4,"epoch":1,"knn10_top1":0.25,"knn_images":40,"effective_rank":7.5,"feature_width":192}
        {"step":10,"epoch":4,"knn10_top1":0.35,"knn_images":40,"effective_rank":9.5,"feature_width":192,"probe_top1":0.45,"probe_top5":0.9,"probe_images":41,"probe_layer":9,"probe_features":"mean","probe_learning_rate":0.1}
        """);

    Document page = parse(page());

    assertThat(page.getDocumentElement().getTextContent())
        .contains("Linear probe")
        .contains(
            "Top-1 of 41 images by the best linear classifier is 45.0 % now; it reads layer 9.");
    assertThat(elements(page, "svg")).hasSize(8);
  }

  /** What is in an output may be damaged. */
  @Test
  void tellsOfPicturesThatAreNone() throws Exception {
    StoredRun.write(folder);
    Files.createDirectories(folder.resolve("pictures"));
    Files.writeString(folder.resolve("pictures/step-1.png"), "cut");

    Document page = parse(page());

    assertThat(page.getDocumentElement().getTextContent()).contains("pictures cannot be read: ");
    assertThat(elements(page, "img")).isEmpty();
  }

  @Test
  void asksNobodyForAnything() throws Exception {
    StoredRun.write(folder);

    Document page = parse(page());

    for (Element element : elements(page, "*")) {
      assertThat(element.getTagName()).isNotIn("script", "link", "img", "iframe", "object", "a");
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        assertThat(element.getAttributes().item(i).getNodeName())
            .doesNotStartWith("on")
            .isNotIn("src", "href", "xlink:href");
      }
    }
    assertThat(texts(page, "style"))
        .noneMatch(css -> css.contains("url(") || css.contains("@import"));
  }

  @Test
  void canBeHeard() throws Exception {
    StoredRun.write(folder);

    Document page = parse(page());

    assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
    for (Element svg : elements(page, "svg")) {
      assertThat(svg.getElementsByTagName("title").getLength()).isPositive();
      assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).isNotBlank();
    }
    for (Element table : elements(page, "table")) {
      assertThat(table.getElementsByTagName("caption").getLength()).isOne();
    }
    for (Element head : elements(page, "th")) {
      assertThat(head.getAttribute("scope")).isIn("row", "col");
    }
    assertThat(elements(page, "*"))
        .extracting(element -> element.getAttribute("id"))
        .filteredOn(id -> !id.isEmpty())
        .doesNotHaveDuplicates();
  }

  @Test
  void staysSmall() throws IOException {
    StoredRun.write(folder);
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= 20_000; step++) {
      lines.append(StoredRun.step(step, step, Math.random()));
    }
    Files.writeString(folder.resolve("metrics.jsonl"), lines);

    assertThat(page().length()).isLessThan(400_000);
  }

  @Test
  void tellsARunThatHasDoneNothing() throws Exception {
    StoredRun.write(folder);
    Files.writeString(folder.resolve("metrics.jsonl"), "");
    Files.delete(folder.resolve("rejected.jsonl"));

    Document page = parse(page());

    assertThat(page.getDocumentElement().getTextContent())
        .contains("Ended before its first step.")
        .contains("None: every image that was read could be used.");
    assertThat(elements(page, "svg")).isEmpty();
  }

  private static Document parse(String page) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(page)));
  }

  private static List<String> texts(Document page, String name) {
    return elements(page, name).stream().map(Element::getTextContent).toList();
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
