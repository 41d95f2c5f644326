package io.simmim.trainer.interop.names;

import io.simmim.trainer.model.parameter.TensorSpec;
import java.util.List;

/**
 * Tensors of a model that hold the same values in two layouts: those of the one side, one behind
 * the other, are those of the other side. So queries, keys and values are one tensor here and three
 * there.
 *
 * @param ours names and shapes under the official names
 * @param theirs names and shapes in the library's layout
 */
public record TensorLink(List<Part> ours, List<Part> theirs) {
  /**
   * One tensor of a side.
   *
   * @param optional whether the tensor may be missing, and is zero then
   */
  public record Part(TensorSpec tensor, boolean optional) {
    /** Name of the tensor. */
    public String name() {
      return tensor.name();
    }
  }

  public TensorLink {
    ours = List.copyOf(ours);
    theirs = List.copyOf(theirs);
    if (bytes(ours) != bytes(theirs)) {
      throw new IllegalArgumentException(
          "both sides of a link must have equally many bytes: %s, %s".formatted(ours, theirs));
    }
  }

  private static long bytes(List<Part> parts) {
    return parts.stream().mapToLong(part -> part.tensor().bytes()).sum();
  }

  /** The same, seen from the other side. */
  public TensorLink reversed() {
    return new TensorLink(theirs, ours);
  }
}
