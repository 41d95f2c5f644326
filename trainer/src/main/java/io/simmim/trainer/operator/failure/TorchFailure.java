package io.simmim.trainer.operator.failure;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds in the messages of libtorch what failed, and whether the GPU can be used after it. */
public final class TorchFailure {
  /** How libtorch begins where a method of a model failed; where it was called comes first then. */
  private static final String IN_A_METHOD =
      "The following operation failed in the TorchScript interpreter";

  private static final Pattern REASON = Pattern.compile("[\\w.]*(?:Error|Exception): (.*)");

  private static final Pattern MEMORY =
      Pattern.compile("CUDA out of memory|CUDA error: out of memory|CU\\w+_STATUS_ALLOC_FAILED");

  /** After these every later call of this process fails too. */
  private static final Pattern LOST = Pattern.compile("CUDA error:|device-side assert");

  private TorchFailure() {}

  /** The line of a message that says what failed. */
  public static String reason(String message) {
    List<String> lines = message.lines().toList();
    Optional<String> told =
        lines.stream()
            .filter(line -> message.startsWith(IN_A_METHOD) && REASON.matcher(line).matches())
            .reduce((earlier, later) -> later);
    return told.orElse(lines.isEmpty() ? "" : lines.get(0));
  }

  /** What was said if the GPU had not enough memory. Its process can go on with it. */
  public static Optional<String> outOfMemory(Throwable failure) {
    return message(failure, MEMORY);
  }

  /** What was said if the GPU failed so that only another process can use it. */
  public static Optional<String> lost(Throwable failure) {
    return outOfMemory(failure).isPresent() ? Optional.empty() : message(failure, LOST);
  }

  /** The first line with a sign: with its advice libtorch names what would say more. */
  private static Optional<String> message(Throwable failure, Pattern sign) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      String message = Objects.requireNonNullElse(link.getMessage(), "");
      Optional<String> line = message.lines().filter(it -> sign.matcher(it).find()).findFirst();
      if (line.isPresent()) {
        return line.map(it -> REASON.matcher(it).replaceFirst("$1"));
      }
    }
    return Optional.empty();
  }
}
