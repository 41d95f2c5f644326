package io.simmim.pipeline.report.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.pipeline.report.html.ReportPage;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.StoredRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report as a browser shows it. */
class ReportBrowserTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String STATE = "document.querySelector('.state')?.textContent ?? ''";

  @TempDir private static Path profile;
  private static Browser browser;
  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Browser.program().isPresent(), "no Chromium here");
    browser = Browser.start(profile);
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void newPage() throws Exception {
    browser.newPage();
  }

  @Test
  void renewsItselfAndSaysWhenNobodyAnswersAnyMore() throws Exception {
    Path run = StoredRun.write(folder.resolve("run"));
    Files.writeString(run.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));
    try (ReportServer server = ReportServer.start(List.of(run.toString()), 0)) {
      browser.open(server.address());
      await(STATE, "step 1 of 10");
      browser.find("document.querySelector('details').open = true");

      Files.writeString(
          run.resolve("metrics.jsonl"), StoredRun.step(2, 2, 0.5), StandardOpenOption.APPEND);

      await(STATE, "step 2 of 10");
      assertThat(browser.find("document.querySelector('details').open")).isEqualTo("true");
      assertThat(browser.find("document.getElementById('connection').textContent")).isEmpty();
      assertThat(browser.requests())
          .isNotEmpty()
          .allMatch(url -> url.startsWith(server.address()) || url.startsWith("about:"));
    }
    await("document.getElementById('connection').textContent", "has ended");
    assertThat(browser.find(STATE)).as("stays to be read").contains("step 2 of 10");
  }

  /** Its output was deleted or renamed: the server still answers, but with no page. */
  @Test
  void saysWhatIsAnsweredInsteadOfAPage() throws Exception {
    Path run = StoredRun.write(folder.resolve("run"));
    try (ReportServer server = ReportServer.start(List.of(run.toString()), 0)) {
      browser.open(server.address());
      await(STATE, "step 10 of 10");

      Files.move(run, folder.resolve("renamed"));

      await("document.getElementById('connection').textContent", "no run in " + run);
      assertThat(browser.find("document.getElementById('connection').textContent"))
          .contains("The page is as it was then.")
          .doesNotContain("has ended");
      assertThat(browser.find(STATE)).as("stays to be read").contains("step 10 of 10");

      Files.move(folder.resolve("renamed"), run);
      Files.writeString(run.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));
      await(STATE, "step 1 of 10");
      assertThat(browser.find("document.getElementById('connection').textContent")).isEmpty();
    }
  }

  @Test
  void runsAreChosenAndOpenedByTheKeyboard() throws Exception {
    StoredRun.write(folder.resolve("runs/first"));
    StoredRun.write(folder.resolve("runs/second"));
    try (ReportServer server = ReportServer.start(List.of(folder.resolve("runs").toString()), 0)) {
      browser.open(server.address());
      await("document.title", "SimMIM runs");
      while (!browser.find("document.activeElement.value ?? ''").endsWith("second")) {
        browser.press("Tab", 9);
      }
      browser.press(" ", 32);
      browser.find("document.querySelector('form').requestSubmit()");

      await("document.querySelector('main').textContent", "The charts show “first”.");
      browser.find("document.querySelector('th a').focus()");
      browser.press("Enter", 13);
      await("document.title", "SimMIM run " + folder.resolve("runs/first"));
    }
  }

  @Test
  void aFileAsksForNothing() throws Exception {
    Path run = StoredRun.write(folder.resolve("run"));
    Path page = folder.resolve("report.html");
    Files.writeString(page, ReportPage.of(RunReader.read(run.toString(), Clock.systemUTC())));

    browser.open(page.toUri().toString());

    await("document.title", "SimMIM run");
    assertThat(browser.find("document.querySelectorAll('svg').length")).isEqualTo("5");
    assertThat(browser.requests()).containsExactly(page.toUri().toString());
  }

  @Test
  void keysAndDatesStayWholeOnAPhone() throws Exception {
    Path run = StoredRun.write(folder.resolve("run"));
    Path page = folder.resolve("report.html");
    Files.writeString(page, ReportPage.of(RunReader.read(run.toString(), Clock.systemUTC())));

    browser.phone();
    browser.open(page.toUri().toString());

    await("document.title", "SimMIM run");
    assertThat(browser.find(BROKEN)).isEqualTo("whole");
  }

  /** Dates of tables, and keys that nothing but their letters could break, on several lines. */
  private static final String BROKEN =
      """
      (() => {
        document.querySelectorAll("details").forEach((one) => one.open = true);
        const lines = (node, length) => {
          const range = document.createRange();
          range.setStart(node, 0);
          range.setEnd(node, length);
          return range.getClientRects().length;
        };
        const broken = [];
        let dates = 0;
        let keys = 0;
        for (const cell of document.querySelectorAll("td, th code")) {
          const text = cell.firstChild?.nodeType === Node.TEXT_NODE ? cell.textContent : "";
          const date = /^\\d{4}-\\d\\d-\\d\\d/.test(text);
          const key = cell.matches("th code") && /^[a-z]+\\.[a-z]+$/.test(text);
          dates += date;
          keys += key;
          if ((date || key) && lines(cell.firstChild, date ? 10 : text.length) > 1) {
            broken.push(text);
          }
        }
        return dates && keys ? broken.join() || "whole" : `${dates} dates, ${keys} keys`;
      })()
      """;

  @Test
  void textStandsOutFromItsGround() throws Exception {
    Path run = StoredRun.write(folder.resolve("run"));
    try (ReportServer server = ReportServer.start(List.of(run.toString()), 0)) {
      for (String scheme : List.of("light", "dark")) {
        browser.prefer(scheme);
        browser.open(server.address());
        await(STATE, "step 10 of 10");

        assertThat(browser.find(LEAST_CONTRAST))
            .as(scheme)
            .satisfies(least -> assertThat(Double.parseDouble(least)).isGreaterThanOrEqualTo(4.5));
      }
    }
  }

  /** By WCAG 2: of all elements that hold text the least ratio of its colour and that behind it. */
  private static final String LEAST_CONTRAST =
      """
      (() => {
        const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
        const light = (colour) => {
          const [r, g, b] = parts(colour).slice(0, 3).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ground = (element) => {
          for (let one = element; one !== null; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if ((parts(colour)[3] ?? 1) > 0) {
              return colour;
            }
          }
          return "rgb(255, 255, 255)";
        };
        let least = Infinity;
        for (const element of document.querySelectorAll("main *")) {
          const holdsText = Array.from(element.childNodes).some(
            (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
          if (!holdsText || element.closest("svg") || element.getClientRects().length === 0) {
            continue;
          }
          const a = light(getComputedStyle(element).color);
          const b = light(ground(element));
          least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
        }
        return least;
      })()
      """;

  private void await(String expression, String text) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsInstanceOf(IllegalStateException.class) // between two pages
        .untilAsserted(() -> assertThat(browser.find(expression)).contains(text));
  }
}
