package io.simmim.trainer.model.parameter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters of one network in their official order, and the numbers by which its TorchScript
 * source finds them: from the first parameter of the model on, or, within blocks that repeat, from
 * the first one of the block on.
 */
public final class ParameterList {
  private final String root;
  private final int first;
  private final List<ParameterSpec> specs = new ArrayList<>();
  private final Map<String, Integer> places = new LinkedHashMap<>();
  private String group = "";
  private int origin;

  /**
   * @param root what every name begins with
   * @param first parameters of the model before these
   */
  public ParameterList(String root, int first) {
    this.root = root;
    this.first = first;
  }

  /**
   * Begins parameters whose names begin with {@code root} and {@code group}.
   *
   * @return number of the first of them
   */
  public int begin(String newGroup) {
    group = newGroup;
    origin = 0;
    return size();
  }

  /** The same for one of several equal blocks: places count from its first parameter. */
  public int beginBlock(String newGroup) {
    group = newGroup;
    origin = size();
    return origin;
  }

  /**
   * Adds a parameter.
   *
   * @param place name of its number in the source; of equal blocks the first one counts
   * @param name official name behind root and group
   */
  public void add(
      String place, String name, Initializer initializer, boolean decays, long... shape) {
    add(place, new ParameterSpec(tensor(name, shape), initializer, decays, true, false));
  }

  /** The same for one that passes take for nothing but products of matrices. */
  public void addRounded(
      String place, String name, Initializer initializer, boolean decays, long... shape) {
    add(place, new ParameterSpec(tensor(name, shape), initializer, decays, true, true));
  }

  /** Adds a tensor that belongs to the model but is not learned. */
  public void addFrozen(String place, String name, Initializer values, long... shape) {
    add(place, new ParameterSpec(tensor(name, shape), values, false, false, false));
  }

  private void add(String place, ParameterSpec spec) {
    places.putIfAbsent(place, size() - origin);
    specs.add(spec);
  }

  private TensorSpec tensor(String name, long... shape) {
    List<Long> sizes = new ArrayList<>();
    for (long size : shape) {
      sizes.add(size);
    }
    return new TensorSpec(root + group + name, sizes);
  }

  /** Adds weight and bias of a norm. */
  public void addNorm(String place, String name, int width, double gain) {
    add(place + "_weight", name + ".weight", Initializer.constant(gain), false, width);
    add(place + "_bias", name + ".bias", Initializer.constant(0), false, width);
  }

  /** Adds weight (outputs, inputs) and bias of a linear layer, whose biases begin at zero. */
  public void addLinear(
      String place, String name, Initializer initializer, long outputs, long inputs) {
    addRounded(place + "_weight", name + ".weight", initializer, true, outputs, inputs);
    addRounded(place + "_bias", name + ".bias", Initializer.constant(0), false, outputs);
  }

  /** The same for one whose parameters passes take in full precision. */
  public void addExactLinear(
      String place, String name, Initializer initializer, long outputs, long inputs) {
    add(place + "_weight", name + ".weight", initializer, true, outputs, inputs);
    add(place + "_bias", name + ".bias", Initializer.constant(0), false, outputs);
  }

  /** Number that the next parameter will have. */
  public int size() {
    return first + specs.size();
  }

  /** Number of parameters in the block that began last, up to now. */
  public int sizeOfBlock() {
    return size() - origin;
  }

  public List<ParameterSpec> specs() {
    return List.copyOf(specs);
  }

  /** Values for the placeholders of the source. */
  public Map<String, Object> places() {
    return new LinkedHashMap<>(places);
  }
}
