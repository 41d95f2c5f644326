package io.simmim.trainer.interop.layout;

import io.simmim.trainer.interop.names.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

/**
 * Shapes of a library's tensors, from which follows what its configuration leaves to defaults of
 * the library.
 */
public final class ForeignShapes {
  private final TensorSource source;

  public ForeignShapes(TensorSource source) {
    this.source = source;
  }

  Set<String> names() {
    return source.names();
  }

  public boolean has(String name) {
    return source.names().contains(name);
  }

  /**
   * One size of a tensor.
   *
   * @return from 1 on
   * @throws IllegalArgumentException if there is no such tensor, or it has no such size
   */
  public int size(String name, int axis) {
    if (!has(name)) {
      throw new IllegalArgumentException("the tensor is missing: " + name);
    }
    try {
      List<Long> shape = source.shape(name);
      if (axis >= shape.size()) {
        throw new IllegalArgumentException(
            "%s must have more than %d dimensions: %s".formatted(name, axis, shape));
      }
      int size = Math.toIntExact(shape.get(axis));
      if (size == 0) {
        throw new IllegalArgumentException(
            "%s must have no dimension of 0: %s".formatted(name, shape));
      }
      return size;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("%s is too large".formatted(name), e);
    }
  }

  /** How many blocks there are: {@code before}, a number from 0 on, {@code behind}. */
  public int count(String before, String behind) {
    int count = 0;
    while (has(before + count + behind)) {
      count++;
    }
    return count;
  }

  /**
   * The whole number whose square something is.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static int root(String what, int square) {
    if (!isSquare(square)) {
      throw new IllegalArgumentException("%s must be a square: %d".formatted(what, square));
    }
    return root(square);
  }

  /** Whether a number is the square of a whole one from 1 on. */
  public static boolean isSquare(int number) {
    return number >= 1 && root(number) * root(number) == number;
  }

  private static int root(int square) {
    return (int) Math.round(Math.sqrt(square));
  }
}
