package io.simmim.trainer.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * TorchScript source of one module, put together from parts that each define some methods.
 *
 * <p>The dialect is the one that {@code torch.jit.save} writes: one class, every argument typed,
 * calls in the form {@code torch.name(...)}. Constants of the configuration stand in the parts as
 * <code>${name}</code>; lines that begin with {@code #} are comments and are left out.
 */
public final class TorchScriptSource {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z0-9_]+)}");
  private static final String HEADER =
      """
      class Ops(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  private final StringBuilder text = new StringBuilder(HEADER);
  private final Map<String, Object> shared = new HashMap<>();

  /** Gives a placeholder a value in all parts that are added after this and have it. */
  public TorchScriptSource define(String name, Object value) {
    shared.put(name, value);
    return this;
  }

  /**
   * Adds the methods of a resource file.
   *
   * @param owner class beside whose package the resource lies
   * @param resource file name
   * @param constants values of the placeholders
   * @throws IllegalArgumentException if a placeholder has no value or a value no placeholder
   */
  public TorchScriptSource add(Class<?> owner, String resource, Map<String, ?> constants) {
    try (InputStream stream = owner.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException(
            "the class path has no %s beside %s".formatted(resource, owner.getName()));
      }
      text.append(
          substitute(
              resource,
              new String(stream.readAllBytes(), StandardCharsets.UTF_8),
              constants,
              shared));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
    return this;
  }

  static String substitute(
      String resource, String source, Map<String, ?> constants, Map<String, ?> shared) {
    Map<String, Object> all = new HashMap<>(shared);
    all.putAll(constants);
    Set<String> unused = new HashSet<>(constants.keySet());
    StringBuilder result = new StringBuilder();
    for (String line : source.lines().toList()) {
      if (!line.stripLeading().startsWith("#")) {
        result.append(substituteLine(resource, line, all, unused)).append('\n');
      }
    }
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no placeholder for %s".formatted(resource, unused.stream().sorted().toList()));
    }
    return result.toString();
  }

  private static String substituteLine(
      String resource, String line, Map<String, ?> constants, Set<String> unused) {
    return PLACEHOLDER
        .matcher(line)
        .replaceAll(
            (MatchResult match) -> {
              Object value = constants.get(match.group(1));
              if (value == null) {
                throw new IllegalArgumentException(
                    "%s: ${%s} has no value".formatted(resource, match.group(1)));
              }
              unused.remove(match.group(1));
              return Matcher.quoteReplacement(literal(value));
            });
  }

  /** A value as the dialect spells it. */
  private static String literal(Object value) {
    if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    if (value instanceof List<?> list) {
      return list.stream()
          .map(TorchScriptSource::literal)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return value.toString().replace("E", "e");
  }

  /** The whole source text. */
  public String text() {
    return text.toString();
  }
}
