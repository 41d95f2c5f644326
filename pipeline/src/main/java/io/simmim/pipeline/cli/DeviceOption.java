package io.simmim.pipeline.cli;

import io.simmim.schemas.UserError;
import io.simmim.trainer.loop.TrainerConfig;

/** The option {@code --device} of commands that compute a trained model. */
final class DeviceOption {
  private DeviceOption() {}

  /**
   * Refuses what no device is called.
   *
   * @throws UserError with what is allowed
   */
  static void require(String device) {
    try {
      TrainerConfig.requireDevice(device);
    } catch (IllegalArgumentException e) {
      throw new UserError("--device must be cpu or gpu0, gpu1 …: " + device, e);
    }
  }
}
