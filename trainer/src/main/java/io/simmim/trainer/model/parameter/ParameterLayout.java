package io.simmim.trainer.model.parameter;

import io.simmim.trainer.torch.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the parameters of a model lie in one vector: first those that passes take rounded, then the
 * others, each kind in the official order. Each begins at a multiple of 64 bytes, rounded or not,
 * as a tensor of its own would.
 */
public final class ParameterLayout {
  /** Elements of bfloat16 in 64 bytes. */
  private static final int ALIGNMENT = 32;

  private final List<Boolean> rounded;
  private final long[] offsets;
  private final List<Long> gaps;
  private final long roundedElements;
  private final long elements;

  private ParameterLayout(
      List<Boolean> rounded, long[] offsets, List<Long> gaps, long roundedElements, long elements) {
    this.rounded = rounded;
    this.offsets = offsets;
    this.gaps = gaps;
    this.roundedElements = roundedElements;
    this.elements = elements;
  }

  /** The layout of some parameters; in fp32 none is rounded. */
  public static ParameterLayout of(List<ParameterSpec> parameters, Precision precision) {
    List<Boolean> rounded =
        parameters.stream().map(spec -> spec.rounded() && precision == Precision.BF16).toList();
    long[] offsets = new long[parameters.size()];
    List<Long> gaps = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < offsets.length; i++) {
      if (rounded.get(i)) {
        offsets[i] = end;
        end += aligned(parameters.get(i));
      }
    }
    long roundedElements = end;
    for (int i = 0; i < offsets.length; i++) {
      long size = parameters.get(i).tensor().elements();
      if (!rounded.get(i)) {
        offsets[i] = end;
        end += aligned(parameters.get(i));
      }
      gaps.add(rounded.get(i) ? aligned(parameters.get(i)) - size : 0);
    }
    return new ParameterLayout(rounded, offsets, List.copyOf(gaps), roundedElements, end);
  }

  private static long aligned(ParameterSpec spec) {
    return (spec.tensor().elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Of each parameter whether passes take it rounded. */
  public List<Boolean> rounded() {
    return rounded;
  }

  /** Place of a parameter's first element. */
  public long offset(int parameter) {
    return offsets[parameter];
  }

  /** Of each rounded parameter the elements between it and the next one; 0 for the others. */
  public List<Long> gaps() {
    return gaps;
  }

  /** Length of the part with the rounded ones. */
  public long roundedElements() {
    return roundedElements;
  }

  /** Length of the vector. */
  public long elements() {
    return elements;
  }
}
