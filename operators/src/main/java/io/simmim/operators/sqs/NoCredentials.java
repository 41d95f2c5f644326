package io.simmim.operators.sqs;

import software.amazon.awssdk.core.exception.SdkClientException;

/** None of the places where credentials may be has any. */
final class NoCredentials extends SdkClientException {
  private static final long serialVersionUID = 1;

  NoCredentials(SdkClientException cause) {
    super(SdkClientException.builder().message("no AWS credentials").cause(cause));
  }
}
