package io.simmim.trainer.weights;

import io.simmim.trainer.model.parameter.ParameterSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tensors without what training scripts put before their names: the wrappers of PyTorch ({@code
 * module.}, {@code _orig_mod.}), a part of a larger model ({@code model.}, {@code backbone.}), or
 * the {@code encoder.} of SimMIM, which a model of an encoder alone lacks.
 */
final class OfficialNames implements NamedTensors {
  private static final List<String> WRAPPERS =
      List.of("", "module.", "model.", "module.model.", "_orig_mod.", "backbone.", "encoder.");
  private static final List<String> ROOTS = List.of("", "encoder.");

  private final NamedTensors file;
  private final Map<String, String> inFile = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  private OfficialNames(NamedTensors file, String wrapper, String root) {
    this.file = file;
    Map<String, List<Long>> there = file.shapes();
    there.forEach(
        (name, shape) -> {
          String renamed = renamed(name, wrapper, root);
          String official = there.containsKey(renamed) ? name : renamed;
          inFile.put(official, name);
          shapes.put(official, shape);
        });
  }

  /**
   * Takes the names that most parameters of a model are found under.
   *
   * @param file closed with what is returned
   */
  static NamedTensors of(NamedTensors file, List<ParameterSpec> model) {
    Set<String> wanted = model.stream().map(ParameterSpec::name).collect(Collectors.toSet());
    long most = found(file, wanted, "", "");
    NamedTensors best = file;
    for (String wrapper : WRAPPERS) {
      for (String root : ROOTS) {
        long found = found(file, wanted, wrapper, root);
        if (found > most) {
          most = found;
          best = new OfficialNames(file, wrapper, root);
        }
      }
    }
    return best;
  }

  private static long found(NamedTensors file, Set<String> wanted, String wrapper, String root) {
    return file.shapes().keySet().stream()
        .filter(name -> wanted.contains(renamed(name, wrapper, root)))
        .count();
  }

  private static String renamed(String name, String wrapper, String root) {
    return name.startsWith(wrapper) ? root + name.substring(wrapper.length()) : name;
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    file.read(inFile.get(name), start, into);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
