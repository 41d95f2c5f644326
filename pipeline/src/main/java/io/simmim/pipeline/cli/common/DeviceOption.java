package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;
import io.simmim.trainer.device.TrainingSettings;
import picocli.CommandLine.Option;

/** Where a command computes a model. */
public final class DeviceOption {
  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "cpu|gpu0",
      description = "Where the model is computed (default: ${DEFAULT-VALUE}).")
  private String device;

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
