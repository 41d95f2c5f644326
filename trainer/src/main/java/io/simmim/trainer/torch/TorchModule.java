package io.simmim.trainer.torch;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * A TorchScript module compiled from source text. Its methods may be called from several threads,
 * each prepared by {@link TorchRuntime#prepareThread}.
 */
public final class TorchModule implements AutoCloseable {
  private final Model model;
  private final Block block;
  private final NDManager manager;
  private final ParameterStore noParameters;

  private TorchModule(Model model, NDManager manager) {
    this.model = model;
    this.block = model.getBlock();
    this.manager = manager;
    this.noParameters = new ParameterStore(manager, false);
  }

  /**
   * Compiles the source.
   *
   * @throws IllegalArgumentException if libtorch refuses it; the message names the line
   */
  public static TorchModule compile(TorchScriptSource source, Device device) {
    TorchRuntime.start();
    Model model = Model.newInstance("ops", device, TorchRuntime.ENGINE);
    try {
      model.load(new ByteArrayInputStream(TorchScriptArchive.of(source.text())));
      return new TorchModule(model, NDManager.newBaseManager(device, TorchRuntime.ENGINE));
    } catch (IOException | MalformedModelException | RuntimeException e) {
      model.close();
      throw new IllegalArgumentException("libtorch refuses the source: " + e.getMessage(), e);
    }
  }

  /**
   * Runs a method with gradients enabled.
   *
   * @param method name
   * @param arguments arrays in the order of the method's arguments; consecutive arrays that share a
   *     name ending in {@code []} make one list. The results belong to the manager of the first.
   */
  public NDList call(String method, NDList arguments) {
    try (NDArray name = manager.create(0f)) {
      name.setName("module_method:" + method);
      NDList all = new NDList(arguments.size() + 1);
      all.addAll(arguments);
      all.add(name);
      return block.forward(noParameters, all, true);
    }
  }

  @Override
  public void close() {
    manager.close();
    model.close();
  }
}
