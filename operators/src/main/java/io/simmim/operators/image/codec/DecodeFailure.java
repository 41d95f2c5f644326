package io.simmim.operators.image.codec;

import org.apache.flink.util.ExceptionUtils;

/** Tells errors that one image caused from those that the whole JVM has. */
public final class DecodeFailure {
  private DecodeFailure() {}

  /**
   * Whether an error while an image was decoded is a property of that image: it asked for more heap
   * or stack than there is, or broke an assertion of its decoder. Not so where the JVM itself is
   * broken (what Flink calls fatal), cannot hold more classes or start more threads, or where a
   * library is missing: those must end the task, as no image after it would fare better.
   */
  public static boolean isOfTheImage(Error error) {
    return !ExceptionUtils.isJvmFatalError(error)
        && !ExceptionUtils.isMetaspaceOutOfMemoryError(error)
        && !isOutOfMemory(error, "Compressed class space")
        && !(error instanceof LinkageError)
        && !isOutOfMemory(error, "unable to create");
  }

  /** HotSpot tells by the message what there was none of. */
  private static boolean isOutOfMemory(Error error, String beginning) {
    return error instanceof OutOfMemoryError
        && error.getMessage() != null
        && error.getMessage().startsWith(beginning);
  }
}
