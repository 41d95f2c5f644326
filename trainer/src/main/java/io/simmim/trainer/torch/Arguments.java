package io.simmim.trainer.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What a TorchScript method is given, in the order of its arguments. */
public final class Arguments {
  private final List<Supplier<IValue>> values = new ArrayList<>();

  /** Adds a {@code Tensor}. */
  public Arguments tensor(NDArray array) {
    values.add(() -> IValue.from((PtNDArray) array));
    return this;
  }

  /** Adds a {@code List[Tensor]} of some lists one behind the other. */
  public Arguments tensors(NDList... lists) {
    PtNDArray[] arrays =
        Stream.of(lists)
            .flatMap(NDList::stream)
            .map((NDArray array) -> (PtNDArray) array)
            .toArray(PtNDArray[]::new);
    values.add(() -> IValue.listFrom(arrays));
    return this;
  }

  /** Adds an {@code int}. */
  public Arguments integer(long value) {
    values.add(() -> IValue.from(value));
    return this;
  }

  /** Adds a {@code List[int]}. */
  public Arguments integers(long... list) {
    values.add(() -> IValue.listFrom(list));
    return this;
  }

  /** Adds a {@code float}. */
  public Arguments number(double value) {
    values.add(() -> IValue.from(value));
    return this;
  }

  /** Adds a {@code bool}. */
  public Arguments truth(boolean value) {
    values.add(() -> IValue.from(value));
    return this;
  }

  /**
   * Makes the values that libtorch is given.
   *
   * @param made each of them, also if a later one fails; the caller closes them
   */
  void make(List<IValue> made) {
    values.forEach(value -> made.add(value.get()));
  }
}
