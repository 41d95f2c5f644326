package io.simmim.operators.image.format;

import io.simmim.operators.image.OpenCvDigest;

/** Decodes an image in a thread that was interrupted when OpenCV was loaded. */
final class InterruptedMain {
  private InterruptedMain() {}

  public static void main(String[] arguments) throws Exception {
    Thread.currentThread().interrupt();
    new OpenCvDecoder(null).close();
    System.out.println("interrupted " + Thread.interrupted());
    System.out.println("digest " + OpenCvDigest.of(arguments[0]));
  }
}
