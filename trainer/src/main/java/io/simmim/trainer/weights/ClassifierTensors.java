package io.simmim.trainer.weights;

import io.simmim.trainer.model.parameter.ParameterSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tensors of a pre-trained model as a classifier has them, as the official fine-tuning code does: a
 * position bias that all blocks share becomes one of each block; the last norm of a ViT is left out
 * where a norm of the mean takes its place. Biases of queries, keys and values that are one tensor
 * (MAE's) become those of queries and values: softmax does not see that of the keys. Heads are left
 * out.
 */
final class ClassifierTensors implements NamedTensors {
  private static final String SHARED_TABLE = "rel_pos_bias.relative_position_bias_table";
  private static final Pattern BLOCK_TABLE =
      Pattern.compile("blocks\\.[0-9]+\\.attn\\.relative_position_bias_table");
  private static final Pattern PART_OF_BIAS = Pattern.compile("(.*\\.attn\\.)(q_bias|v_bias)");
  private static final Pattern HEAD = Pattern.compile("head(_dist)?\\..*|fc\\..*|classifier\\..*");
  private static final Set<String> LAST_NORM = Set.of("norm.weight", "norm.bias");

  private final NamedTensors file;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  /** Where a tensor's values are: from some value of another tensor on. */
  private record Part(String name, long first) {}

  private ClassifierTensors(NamedTensors file, Set<String> model) {
    this.file = file;
    Map<String, List<Long>> there = file.shapes();
    there.forEach((name, shape) -> add(name, shape, new Part(name, 0)));
    for (String name : model) {
      if (!there.containsKey(name)) {
        addMissing(name, there);
      }
    }
    shapes.keySet().removeIf(name -> HEAD.matcher(name).matches());
    LAST_NORM.stream().filter(name -> !model.contains(name)).forEach(shapes::remove);
  }

  /**
   * Puts a classifier's names in front of a file.
   *
   * @param file closed with what is returned
   */
  static NamedTensors of(NamedTensors file, List<ParameterSpec> model) {
    return new ClassifierTensors(
        file, model.stream().map(ParameterSpec::name).collect(Collectors.toSet()));
  }

  private void addMissing(String name, Map<String, List<Long>> there) {
    if (BLOCK_TABLE.matcher(name).matches() && there.containsKey(SHARED_TABLE)) {
      add(name, there.get(SHARED_TABLE), new Part(SHARED_TABLE, 0));
      shapes.remove(SHARED_TABLE);
    }
    Matcher bias = PART_OF_BIAS.matcher(name);
    if (bias.matches()) {
      String whole = bias.group(1) + "qkv.bias";
      List<Long> shape = there.getOrDefault(whole, List.of());
      if (shape.size() == 1 && shape.get(0) % 3 == 0) {
        long width = shape.get(0) / 3;
        long first = bias.group(2).equals("q_bias") ? 0 : 2 * width;
        add(name, List.of(width), new Part(whole, first));
        shapes.remove(whole);
      }
    }
  }

  private void add(String name, List<Long> shape, Part part) {
    shapes.put(name, shape);
    parts.put(name, part);
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    Part part = parts.get(name);
    file.read(part.name(), part.first() + start, into);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
