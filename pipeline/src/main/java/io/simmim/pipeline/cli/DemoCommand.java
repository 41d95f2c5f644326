package io.simmim.pipeline.cli;

import io.simmim.schemas.UserError;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code demo}. */
@Command(name = "demo", mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw new UserError("demo is not there yet");
  }
}
