package io.simmim.trainer.torch;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;

/**
 * A TorchScript module compiled from source text. Its methods may be called from several threads,
 * each prepared by {@link TorchRuntime#prepareThread}.
 */
public final class TorchModule implements AutoCloseable {
  private final Model model;
  private final PtSymbolBlock block;

  private TorchModule(Model model) {
    this.model = model;
    this.block = (PtSymbolBlock) model.getBlock();
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
      // DJL makes a folder for what it copies from elsewhere, and leaves it until the JVM's end.
      Files.deleteIfExists(model.getModelPath());
      return new TorchModule(model);
    } catch (IOException | MalformedModelException | RuntimeException e) {
      model.close();
      throw new IllegalArgumentException("libtorch refuses the source: " + e.getMessage(), e);
    }
  }

  /**
   * Runs a method with gradients enabled.
   *
   * @param owner manager that the results belong to
   * @param method name; returns a list of tensors
   */
  public NDList call(NDManager owner, String method, Arguments arguments) {
    return MethodCall.run(block, owner, method, arguments);
  }

  @Override
  public void close() {
    model.close();
  }
}
