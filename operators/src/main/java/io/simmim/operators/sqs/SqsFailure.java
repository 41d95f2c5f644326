package io.simmim.operators.sqs;

import io.simmim.schemas.UserError;
import java.net.UnknownHostException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.model.OverLimitException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** Why SQS did not do as it was told, in one line. */
public final class SqsFailure {
  private static final int SERVER_ERRORS = 500;

  private static final Set<String> NO_CREDENTIALS =
      Set.of(
          "InvalidClientTokenId",
          "UnrecognizedClientException",
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "IncompleteSignature",
          "MissingAuthenticationToken",
          "MissingAuthenticationTokenException",
          "InvalidSignatureException",
          "ExpiredToken",
          "ExpiredTokenException");

  private SqsFailure() {}

  /** Whether the queue is out of reach, or overloaded: sooner or later it answers. */
  public static boolean isAway(SqsQueue queue, SdkException failure) {
    if (failure instanceof SdkServiceException answer) {
      return answer.statusCode() >= SERVER_ERRORS
          || answer.isThrottlingException()
          || answer instanceof OverLimitException;
    }
    return !(failure instanceof NoCredentials) && !isUnknownRegion(queue, failure);
  }

  private static boolean isUnknownRegion(SqsQueue queue, SdkException failure) {
    return queue.region().isPresent()
        && !Region.regions().contains(Region.of(queue.region().get()))
        && hasCause(failure, UnknownHostException.class);
  }

  static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The queue refuses what it may allow in a moment, once the user, or whoever hands out rights,
   * has mended it.
   *
   * @param action what was to be done to messages
   */
  public static UserError refused(String action, SqsQueue queue, SdkException failure) {
    if (failure instanceof NoCredentials) {
      return new UserError(
          "no AWS credentials to read %s with (looked for: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a"
                  .formatted(queue)
              + " web identity, a profile, the container's or machine's role)",
          failure);
    }
    if (isUnknownRegion(queue, failure)) {
      return new UserError(
          "there is no SQS in a region %s, as far as anybody knows: %s"
              .formatted(queue.region().orElse(""), queue),
          failure);
    }
    if (failure instanceof QueueDoesNotExistException) {
      return new UserError(
          "there is no queue %s (or it is not to be seen); create it first".formatted(queue),
          failure);
    }
    String code =
        failure instanceof AwsServiceException answer && answer.awsErrorDetails() != null
            ? String.valueOf(answer.awsErrorDetails().errorCode())
            : "";
    if (NO_CREDENTIALS.contains(code)) {
      return new UserError(
          "%s refuses the AWS credentials: %s".formatted(queue, oneLine(failure)), failure);
    }
    if (code.startsWith("AccessDenied")) {
      return new UserError(
          "%s does not allow to %s messages: %s (needed: sqs:GetQueueUrl, sqs:ReceiveMessage,"
                  .formatted(queue, action, oneLine(failure))
              + " sqs:DeleteMessage, sqs:ChangeMessageVisibility)",
          failure);
    }
    return new UserError(
        "cannot %s messages of %s: %s".formatted(action, queue, oneLine(failure)), failure);
  }

  /** What went wrong, as far as the service or the network tells. */
  public static String oneLine(SdkException failure) {
    String message =
        failure instanceof AwsServiceException answer && answer.awsErrorDetails() != null
            ? answer.awsErrorDetails().errorMessage()
            : failure.getMessage();
    String text = message == null || message.isBlank() ? failure.toString() : message;
    return text.lines().findFirst().orElse("");
  }
}
