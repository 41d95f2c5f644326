package io.simmim.trainer.device;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;

/**
 * What passes take beyond the parameters, such as weights multiplied by layer scale: made once per
 * update instead of once per pass.
 */
final class DerivedTensors {
  private final NDManager manager;
  private final TorchModule module;
  private final int count;
  private final NDList leaves = new NDList();
  private final NDList sources = new NDList();
  private int images;

  /**
   * @param parent manager of the device
   * @param module has {@code derive}
   * @param count number of tensors
   */
  DerivedTensors(NDManager parent, TorchModule module, int count) {
    this.manager = parent.newSubManager();
    this.module = module;
    this.count = count;
  }

  /** Makes them for passes like this one, unless they are there. */
  void require(NDList constants, NDList parameters, DropPath dropPath) {
    if (count == 0 || dropPath.images() <= images) {
      return;
    }
    forget();
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      Arguments arguments =
          new Arguments()
              .tensors(constants)
              .tensors(parameters)
              .tensor(host.create(dropPath.scales()))
              .integer(dropPath.images());
      NDList made = module.call(manager, "derive", arguments);
      leaves.addAll(made.subNDList(0, count));
      sources.addAll(made.subNDList(count));
      images = dropPath.images();
    }
  }

  /** As leaves for passes. */
  NDList leaves() {
    return leaves;
  }

  /** The same with the way back to the parameters. */
  NDList sources() {
    return sources;
  }

  /** The parameters have changed. */
  void forget() {
    leaves.forEach(NDArray::close);
    sources.forEach(NDArray::close);
    leaves.clear();
    sources.clear();
    images = 0;
  }
}
