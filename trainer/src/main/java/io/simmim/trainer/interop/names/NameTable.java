package io.simmim.trainer.interop.names;

import io.simmim.trainer.interop.names.TensorLink.Part;
import io.simmim.trainer.model.parameter.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which tensors of a library's layout hold the values of which official ones. One table serves both
 * directions. A line has an official name and the library's:
 *
 * <ul>
 *   <li>{@code #} stands for a number, {@code #+} and {@code #-} on the right for one more and one
 *       less, {@code *} for the rest of a name;
 *   <li>{@code {a,b}} for several tensors one behind the other, along the first axis; with {@code
 *       !} before it, one that only some models have, and that is zero elsewhere;
 *   <li>{@code <key>} for a part of the name that depends on the model;
 *   <li>{@code [0]} behind a name: without the first axis, which has one entry;
 *   <li>{@code -} for what the library has no place for.
 * </ul>
 *
 * The first line that fits counts. A line that begins with {@code ;} is a comment.
 */
public final class NameTable {
  private record Rule(List<String> ours, List<Boolean> optional, List<String> theirs) {}

  private final String resource;
  private final List<Rule> rules = new ArrayList<>();

  private NameTable(String resource) {
    this.resource = resource;
  }

  /**
   * Reads a table of this package.
   *
   * @param keys values of the parts that depend on the model
   */
  public static NameTable read(String resource, Map<String, String> keys) {
    NameTable table = new NameTable(resource);
    try (InputStream stream = NameTable.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("the class path has no " + resource);
      }
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, String> key : keys.entrySet()) {
        text = text.replace("<" + key.getKey() + ">", key.getValue());
      }
      text.lines().filter(line -> !line.isBlank() && !line.startsWith(";")).forEach(table::add);
      return table;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }

  private void add(String line) {
    String[] sides = line.trim().split("\\s+", 2);
    List<String> names = alternatives(sides[0]);
    rules.add(
        new Rule(
            names.stream().map(name -> name.replace("!", "")).toList(),
            names.stream().map(name -> name.contains("!")).toList(),
            sides[1].equals("-") ? List.of() : alternatives(sides[1])));
  }

  private static List<String> alternatives(String name) {
    int open = name.indexOf('{');
    if (open < 0) {
      return List.of(name);
    }
    int close = name.indexOf('}');
    List<String> names = new ArrayList<>();
    for (String alternative : name.substring(open + 1, close).split(",", -1)) {
      names.add(name.substring(0, open) + alternative + name.substring(close + 1));
    }
    return names;
  }

  /**
   * The links of a model.
   *
   * @param specs official names and shapes of all its parameters
   * @return in their order; without what the library has no place for
   */
  public List<TensorLink> links(List<TensorSpec> specs) {
    Map<String, TensorSpec> left = new LinkedHashMap<>();
    specs.forEach(spec -> left.put(spec.name(), spec));
    List<TensorLink> links = new ArrayList<>();
    for (TensorSpec spec : specs) {
      if (left.containsKey(spec.name())) {
        TensorLink link = link(spec, left);
        if (!link.theirs().isEmpty()) {
          links.add(link);
        }
      }
    }
    return links;
  }

  private TensorLink link(TensorSpec first, Map<String, TensorSpec> left) {
    for (Rule rule : rules) {
      Matcher matcher = pattern(rule.ours().get(0)).matcher(first.name());
      if (matcher.matches()) {
        return link(rule, matcher, first, left);
      }
    }
    throw new IllegalStateException("%s has no line for %s".formatted(resource, first.name()));
  }

  private static TensorLink link(
      Rule rule, Matcher found, TensorSpec first, Map<String, TensorSpec> left) {
    List<Part> ours = new ArrayList<>();
    for (int i = 0; i < rule.ours().size(); i++) {
      String name = filled(rule.ours().get(i), found);
      boolean optional = rule.optional().get(i);
      TensorSpec known = left.remove(name);
      if (known == null && !optional) {
        throw new IllegalStateException("a model with %s has %s".formatted(first.name(), name));
      }
      ours.add(new Part(known == null ? new TensorSpec(name, first.shape()) : known, optional));
    }
    if (rule.theirs().isEmpty()) {
      return new TensorLink(List.of(), List.of());
    }
    List<Part> theirs = new ArrayList<>();
    for (String name : rule.theirs()) {
      theirs.add(new Part(theirs(filled(name, found), ours, rule.theirs().size()), false));
    }
    return new TensorLink(ours, theirs);
  }

  /** One of equally large tensors that the official ones are there. */
  private static TensorSpec theirs(String name, List<Part> ours, int count) {
    List<Long> shape = new ArrayList<>(ours.get(0).tensor().shape());
    if (name.endsWith("[0]")) {
      return new TensorSpec(name.substring(0, name.length() - 3), shape.subList(1, shape.size()));
    }
    if (ours.size() > 1 || count > 1) {
      long rows = ours.stream().mapToLong(part -> part.tensor().shape().get(0)).sum();
      shape.set(0, rows / count);
    }
    return new TensorSpec(name, shape);
  }

  private static Pattern pattern(String name) {
    String quoted = Pattern.quote(name).replace("#", "\\E([0-9]+)\\Q").replace("*", "\\E(.+)\\Q");
    return Pattern.compile(quoted);
  }

  /** Puts what was found into the places of a name. */
  private static String filled(String name, Matcher found) {
    StringBuilder result = new StringBuilder();
    int group = 1;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '*') {
        result.append(found.group(found.groupCount()));
      } else if (c == '#') {
        int number = Integer.parseInt(found.group(group++));
        char next = i + 1 < name.length() ? name.charAt(i + 1) : ' ';
        if (next == '+' || next == '-') {
          number += next == '+' ? 1 : -1;
          i++;
        }
        result.append(number);
      } else {
        result.append(c);
      }
    }
    return result.toString();
  }
}
