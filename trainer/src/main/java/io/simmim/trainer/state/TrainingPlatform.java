package io.simmim.trainer.state;

import io.simmim.schemas.text.PrintableText;
import java.util.Objects;
import java.util.Optional;

/**
 * What the results of a run depend on to the last bit, besides its configuration and its images.
 * Checkpoints note it: a run that goes on elsewhere goes on correctly, but not to the same bits.
 *
 * @param libtorch version
 * @param device {@code cpu}, or {@code gpu0} and so on
 * @param kernels instruction set of libtorch's kernels for the CPU, as libtorch names it
 * @param threads threads of one operation on the CPU
 */
public record TrainingPlatform(String libtorch, String device, String kernels, int threads) {
  public TrainingPlatform {
    Objects.requireNonNull(libtorch, "libtorch");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(kernels, "kernels");
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
  }

  /** What is to be told, in one line, of a run that was trained on another platform before. */
  public Optional<String> changeFrom(TrainingPlatform before) {
    return equals(before)
        ? Optional.empty()
        : Optional.of(
            "the checkpoint was trained with %s, this run goes on with %s: correct, but not to the same bits"
                .formatted(PrintableText.of(before.text()), text()));
  }

  /** For people. */
  public String text() {
    return "libtorch %s on %s, %s kernels, %d %s"
        .formatted(libtorch, device, kernels, threads, threads == 1 ? "thread" : "threads");
  }
}
