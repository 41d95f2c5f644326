package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} lists the keys, defaults and comments of {@code defaults.yaml}. */
class ConfigurationGuideTest {
  private static final Path GUIDE = Path.of("..", "docs", "configuration.md");
  private static final Pattern KEY = Pattern.compile("( *)([a-z0-9-]+):(?: (.+))?");

  @Test
  void everyKeyHasAComment() {
    Map<String, String> comments = new TreeMap<>();
    rows().forEach(row -> comments.put(row.key, row.comment));

    assertThat(comments.keySet())
        .isEqualTo(ConfigText.flat(new ConfigLoader().load().config()).keySet());
    assertThat(comments).allSatisfy((key, comment) -> assertThat(comment).isNotEmpty());
  }

  @Test
  void theGuideListsEveryKey() throws IOException {
    StringBuilder table = new StringBuilder("| key | default | meaning |\n|---|---|---|\n");
    rows()
        .forEach(
            row ->
                table.append("| `%s` | `%s` | %s |\n".formatted(row.key, row.value, row.comment)));

    assertThat(Files.readString(GUIDE)).contains(table);
  }

  private record Row(String key, String value, String comment) {}

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    StringBuilder comment = new StringBuilder();
    String group = "";
    for (String line : Yaml.resource("defaults.yaml").lines().toList()) {
      Matcher key = KEY.matcher(line);
      if (line.isBlank()) {
        comment.setLength(0);
      } else if (line.strip().startsWith("#")) {
        comment.append(comment.isEmpty() ? "" : " ").append(line.strip().substring(1).strip());
      } else if (key.matches() && key.group(3) == null) {
        group = key.group(2) + ".";
        comment.setLength(0);
      } else if (key.matches()) {
        String prefix = key.group(1).isEmpty() ? "" : group;
        rows.add(new Row(prefix + key.group(2), key.group(3), comment.toString()));
        comment.setLength(0);
      }
    }
    return rows;
  }
}
