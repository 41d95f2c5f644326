package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;
import io.simmim.trainer.device.TrainingSettings;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a command computes a model. */
public final class DeviceOption {
  private static final String NAME = "--device";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = NAME,
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

  /** The same, if the user has named one. */
  public Optional<String> given() {
    boolean isGiven = command.commandLine().getParseResult().hasMatchedOption(NAME);
    return isGiven ? Optional.of(device()) : Optional.empty();
  }
}
