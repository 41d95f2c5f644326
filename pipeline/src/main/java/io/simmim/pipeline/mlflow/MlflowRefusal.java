package io.simmim.pipeline.mlflow;

import java.io.IOException;

/** A server's answer that it will not do what it was asked, or a reason not to ask it again. */
final class MlflowRefusal extends IOException {
  private static final long serialVersionUID = 1;

  static final String MISSING = "RESOURCE_DOES_NOT_EXIST";
  static final String EXISTS = "RESOURCE_ALREADY_EXISTS";
  private static final String INVALID = "INVALID_PARAMETER_VALUE";

  private final String code;

  /** A reason of this side. */
  MlflowRefusal(String message) {
    this(INVALID, message);
  }

  /**
   * @param code as MLflow names it
   */
  MlflowRefusal(String code, String message) {
    super(message);
    this.code = code;
  }

  boolean is(String other) {
    return code.equals(other);
  }

  /** Whether the same would be refused again. */
  boolean isFinal() {
    return is(MISSING) || is(INVALID);
  }
}
