package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;
import io.simmim.trainer.device.TrainingSettings;
import picocli.CommandLine.Option;

/** Which trained model a command computes, and where. */
public final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Folder of an exported model, or output of a run.")
  private String model;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "cpu|gpu0",
      description = "Where the model is computed (default: ${DEFAULT-VALUE}).")
  private String device;

  /** The folder or output. */
  public String model() {
    return model;
  }

  /**
   * The device.
   *
   * @throws UserError if that is no name of one
   */
  public String device() {
    try {
      TrainingSettings.requireDevice(device);
    } catch (IllegalArgumentException e) {
      throw new UserError("--device must be cpu or gpu0, gpu1 …: " + device, e);
    }
    return device;
  }
}
