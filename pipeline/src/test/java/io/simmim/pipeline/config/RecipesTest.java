package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The options in {@code docs/recipes.md} make configurations that can run. */
class RecipesTest {
  private static final Path PAGE = Path.of("..", "docs", "recipes.md");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");

  /** An argument of a shell: bare, or in single quotes. */
  private static final Pattern ARGUMENT = Pattern.compile("'([^']*)'|(\\S+)");

  private static final long IMAGENET = 1_281_167;

  /** A preset, or null where the text says how to change any, and the assignments. */
  private record Recipe(String preset, List<String> assignments) {
    static Recipe parse(String options) {
      List<String> arguments =
          ARGUMENT
              .matcher(options)
              .results()
              .map(argument -> argument.group(1) == null ? argument.group(2) : argument.group(1))
              .toList();
      String preset = null;
      List<String> assignments = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i += 2) {
        String value = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
        switch (arguments.get(i)) {
          case "--preset" -> preset = value;
          case "--set" -> assignments.add(value);
          default -> throw new IllegalArgumentException("neither --preset nor --set: " + options);
        }
      }
      return new Recipe(preset, assignments);
    }

    SimmimConfig config() {
      ConfigLoader loader = new ConfigLoader();
      if (preset != null) {
        loader.preset(preset);
      }
      return loader.set(assignments).load().config();
    }
  }

  static Stream<String> recipes() throws IOException {
    Matcher code = CODE.matcher(Files.readString(PAGE));
    return code.results().map(match -> match.group(1)).filter(RecipesTest::isRecipe);
  }

  private static boolean isRecipe(String code) {
    return code.startsWith("--preset ") || code.startsWith("--set ");
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void resolvesAndValidates(String options) {
    SimmimConfig config = Recipe.parse(options).config();

    assertThat(config.schedule().forRun(config.plan(IMAGENET)).ofStep(1)).isPositive();
  }

  @Test
  void coversEveryPreset() throws IOException {
    List<String> presets =
        recipes()
            .map(options -> Recipe.parse(options).preset())
            .filter(name -> name != null)
            .toList();

    assertThat(new TreeSet<>(presets)).isEqualTo(new TreeSet<>(Presets.names()));
  }

  @Test
  void namesNoRowTwiceInATable() throws IOException {
    List<String> rows = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("#")) {
        assertThat(rows).doesNotHaveDuplicates();
        rows.clear();
      } else if (line.startsWith("| ") && line.contains("`--")) {
        rows.add(line.substring(0, line.indexOf('|', 1)));
      }
    }
    assertThat(rows).doesNotHaveDuplicates();
  }
}
