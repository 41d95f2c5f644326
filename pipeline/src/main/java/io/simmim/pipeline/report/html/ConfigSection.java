package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;

import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.story.RunReport;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the run was told. */
final class ConfigSection {
  private ConfigSection() {}

  static void write(Html page, RunReport report) {
    page.begin("section").element("h2", "Configuration");
    if (!report.masks().isEmpty()) {
      page.element("p", "Masks: " + report.masks().replaceFirst("^masks ", "") + ".");
    }
    Optional<ComparedConfig> config = report.config();
    if (config.isEmpty()) {
      page.element("p", "There is none that this build can read.");
    } else {
      differences(page, config.get());
      all(page, config.get().keys());
    }
    page.end();
  }

  private static void differences(Html page, ComparedConfig config) {
    List<ComparedConfig.Key> changed =
        config.keys().stream().filter(ComparedConfig.Key::differsFromPreset).toList();
    String base = config.preset().map(name -> "the preset " + name).orElse("the defaults");
    page.element(
        "p",
        String.format(
            Locale.ROOT, "A run does not write down its preset; the nearest is %s.", base),
        "class",
        "soft");
    if (changed.isEmpty()) {
      page.element("p", "Everything is as in " + base + ".");
      return;
    }
    page.table(
        String.format(Locale.ROOT, "What differs from %s: %s", base, count(changed.size(), "key")),
        "key",
        "this run",
        config.preset().orElse("defaults"),
        "default");
    for (ComparedConfig.Key key : changed) {
      row(page, key.path(), key.value(), key.ofPreset(), key.ofDefaults());
    }
    page.endTable();
  }

  private static void all(Html page, List<ComparedConfig.Key> keys) {
    page.begin("details").element("summary", "All " + count(keys.size(), "key"));
    page.table("The whole configuration, secrets redacted", "key", "this run", "default");
    for (ComparedConfig.Key key : keys) {
      row(page, key.path(), key.value(), key.differsFromDefaults() ? key.ofDefaults() : "the same");
    }
    page.endTable().end();
  }

  private static void row(Html page, String path, String... cells) {
    page.begin("tr").begin("th", "scope", "row").element("code", path).end();
    for (String cell : cells) {
      page.element("td", cell);
    }
    page.end();
  }
}
