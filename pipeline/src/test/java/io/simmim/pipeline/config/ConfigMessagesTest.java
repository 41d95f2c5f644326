package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every key, with values out of its limits: whatever is refused is named by its full path. */
class ConfigMessagesTest {
  private static final List<String> WRONG =
      List.of("-1", "0", "0.0", "3", "1e12", ".nan", "nonsense", "0ms", "[-1]", "[0, 0]", "''");

  /** Those that few keys allow, whatever kind of run it is. */
  private static final List<String> WRONG_ANYWHERE = List.of("0", "3");

  /** What makes other limits hold than those of the defaults. */
  private static final List<List<String>> KINDS =
      List.of(
          List.of(),
          List.of("continuous.follow=true"),
          List.of("schedule.type=step", "schedule.milestone-shares=[0.5]"),
          List.of("schedule.type=multistep", "schedule.milestones=[50]"),
          List.of("schedule.type=warmup-stable-decay"),
          List.of(
              "objective.type=mae",
              "mask.patch-size=16",
              "encoder.absolute-position=true",
              "encoder.relative-position-bias=none",
              "encoder.layer-scale-init=0"),
          List.of("target.type=clusters", "loss.type=cross-entropy"),
          List.of("target.norm-per-cell=true"),
          List.of("mask.strategy=block", "mask.patch-size=16"),
          List.of(
              "encoder.type=swin",
              "encoder.patch-size=4",
              "encoder.depth=[2, 2, 2, 2]",
              "encoder.num-heads=[3, 6, 12, 24]",
              "encoder.window-size=6",
              "encoder.relative-position-bias=none",
              "encoder.layer-scale-init=0",
              "head.type=inverse-swin-tiny",
              "target.downsampling=4"),
          List.of(
              "encoder.type=resnet",
              "encoder.patch-size=4",
              "encoder.depth=[3, 4, 6, 3]",
              "encoder.num-heads=[]",
              "encoder.embed-dim=64",
              "encoder.relative-position-bias=none",
              "encoder.layer-scale-init=0"));

  private static final Map<String, JsonNode> DEFAULTS = defaults();

  private static Map<String, JsonNode> defaults() {
    Map<String, JsonNode> defaults = new TreeMap<>();
    Layers.leaves("", ConfigLoader.defaults(), defaults::put);
    return defaults;
  }

  @Test
  void everyRefusalNamesTheFullPath() {
    List<String> wrong = new ArrayList<>();
    for (List<String> kind : KINDS) {
      assertThat(refusal(kind)).as("%s", kind).isEmpty();
      for (String key : DEFAULTS.keySet()) {
        for (String value : kind.isEmpty() ? WRONG : WRONG_ANYWHERE) {
          List<String> settings = new ArrayList<>(kind);
          settings.add(key + "=" + value);
          refusal(settings)
              .filter(message -> !namesFullPaths(message))
              .ifPresent(message -> wrong.add(settings + ": " + message));
        }
      }
    }

    assertThat(wrong).isEmpty();
  }

  @Test
  void everyNumberHasALimit() {
    TreeSet<String> unlimited = new TreeSet<>();
    DEFAULTS.forEach(
        (key, value) -> {
          if (value.isNumber() && refusal(List.of(key + "=-1")).isEmpty()) {
            unlimited.add(key);
          }
        });

    assertThat(unlimited).containsExactly("report.port", "seed"); // -1 is no page
    assertThat(refusal(List.of("report.port=-2"))).isPresent();
    assertThat(refusal(List.of("report.port=65536"))).isPresent();
  }

  private static Optional<String> refusal(List<String> settings) {
    try {
      new ConfigLoader().set(settings).load();
      return Optional.empty();
    } catch (UserError e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Some key is named, and none by its last part alone. Parts that are English words may be. */
  private static boolean namesFullPaths(String message) {
    boolean named = false;
    for (String key : DEFAULTS.keySet()) {
      String name = key.substring(key.lastIndexOf('.') + 1);
      named |= message.contains(key);
      boolean isWord = !name.contains("-");
      Matcher bare =
          Pattern.compile((isWord ? "^" : "(?<![\\w.-])") + Pattern.quote(name) + "\\b(?!-|\\.)")
              .matcher(message);
      if (!key.equals(name) && bare.find()) {
        return false;
      }
    }
    return named;
  }
}
