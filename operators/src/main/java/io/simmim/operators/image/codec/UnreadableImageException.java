package io.simmim.operators.image.codec;

import java.io.IOException;

/** An image that cannot be decoded; the message is one line for people. */
public final class UnreadableImageException extends IOException {
  public UnreadableImageException(String reason) {
    super(reason);
  }

  public UnreadableImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
