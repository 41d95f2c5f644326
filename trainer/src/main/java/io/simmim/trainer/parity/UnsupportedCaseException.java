package io.simmim.trainer.parity;

/** A recording of something that this build does not have. */
final class UnsupportedCaseException extends Exception {
  UnsupportedCaseException(String message) {
    super(message);
  }
}
