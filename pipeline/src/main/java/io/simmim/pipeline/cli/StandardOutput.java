package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.schemas.text.PrintableText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;

/**
 * The standard output of the process, which remembers that something could not be written: to a
 * full disk, for example. {@code System.out} forgets why.
 */
final class StandardOutput extends OutputStream {
  /** What the system says where nobody reads on, as behind {@code | head}: enough was seen. */
  private static final String NOT_READ = "Broken pipe";

  /** Commands whose result is in files. A scheduler would start a run again that is complete. */
  private static final Set<String> WITH_FILES = Set.of("pretrain", "finetune", "embed", "demo");

  private final OutputStream target;
  private IOException failure;

  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  StandardOutput(OutputStream target) {
    this.target = target;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      target.write(bytes, offset, length);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
      throw e;
    }
  }

  /** The outcome, which is a failure if it was none and what was to be shown is not all there. */
  synchronized CommandOutcome checked(CommandOutcome outcome, String... arguments) {
    if (failure == null
        || outcome.exitCode() != CommandOutcome.DONE
        || String.valueOf(failure.getMessage()).contains(NOT_READ)
        || (arguments.length > 0 && WITH_FILES.contains(arguments[0]))) {
      return outcome;
    }
    return CommandOutcome.failed(
        "standard output cannot be written: " + PrintableText.reason(failure), failure);
  }
}
