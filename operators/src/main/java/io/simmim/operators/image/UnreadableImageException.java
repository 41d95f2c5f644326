package io.simmim.operators.image;

import java.io.IOException;

/** An image that cannot be decoded; the message is one line for people. */
final class UnreadableImageException extends IOException {
  UnreadableImageException(String reason) {
    super(reason);
  }

  UnreadableImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
