package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import java.util.List;

/**
 * One vector on the device with a value for each element of each parameter, and views of it in the
 * parameters' shapes.
 *
 * @param vector as the layout says
 * @param views in the order of the parameters
 */
record ParameterVector(NDArray vector, NDList views) {

  /** Zeros. */
  static ParameterVector zeros(
      NDManager manager, List<ParameterSpec> specs, ParameterLayout layout) {
    NDArray vector = manager.zeros(new Shape(layout.elements()));
    NDList views = new NDList();
    for (int i = 0; i < specs.size(); i++) {
      views.add(view(vector, specs.get(i), layout.offset(i)));
    }
    return new ParameterVector(vector, views);
  }

  /**
   * Zeros of the type bfloat16, for the parameters that passes take rounded; no other has a view.
   */
  static ParameterVector rounded(
      NDArray exact, TorchModule module, List<ParameterSpec> specs, ParameterLayout layout) {
    Arguments arguments = new Arguments().tensor(exact).integer(layout.roundedElements());
    NDArray vector = module.call(exact.getManager(), "short_zeros", arguments).head();
    NDList views = new NDList();
    for (int i = 0; i < specs.size(); i++) {
      if (layout.rounded().get(i)) {
        views.add(view(vector, specs.get(i), layout.offset(i)));
      }
    }
    return new ParameterVector(vector, views);
  }

  private static NDArray view(NDArray vector, ParameterSpec spec, long offset) {
    NDArray part = slice(vector, offset, offset + spec.tensor().elements());
    NDArray shaped = part.reshape(TensorPieces.shapeOf(spec.tensor()));
    NDArray view = shaped.stopGradient();
    part.close();
    if (shaped != part) {
      shaped.close();
    }
    return view;
  }

  /** A part of a vector, which shares its memory. */
  static NDArray slice(NDArray vector, long begin, long end) {
    return vector.get(new NDIndex().addSliceDim(begin, end));
  }
}
