package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which trained model a command computes, and where. */
public final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Folder of an exported model, or output of a run.")
  private String model;

  @Mixin private DeviceOption device;

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
    return device.device();
  }
}
