package io.simmim.operators.kafka;

import io.simmim.schemas.UserError;
import java.io.IOException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;

/** Why Kafka did not do as it was told, in one line. */
public final class KafkaFailure {
  private KafkaFailure() {}

  /** A client cannot be made. */
  public static UserError ofClient(KafkaTopic topic, KafkaException failure) {
    Throwable cause = failure;
    while (!(cause instanceof ConfigException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new UserError(
        "no Kafka client for %s: %s (allowed: Kafka's own keys in the group kafka)"
            .formatted(topic, oneLine(cause)),
        failure);
  }

  /** What only the user can mend is a {@link UserError}, which this throws. */
  public static IOException of(String action, KafkaTopic topic, KafkaException failure) {
    if (mayPass(failure)) {
      throw refused(action, topic, failure);
    }
    return new IOException("cannot %s %s: %s".formatted(action, topic, oneLine(failure)), failure);
  }

  /**
   * Whether brokers refuse what they may allow in a moment, once the user, or whoever hands out
   * rights, has mended it.
   */
  public static boolean mayPass(KafkaException failure) {
    return failure instanceof AuthenticationException
        || failure instanceof AuthorizationException
        || failure instanceof InvalidTopicException;
  }

  /** Brokers refuse. */
  public static UserError refused(String action, KafkaTopic topic, KafkaException failure) {
    if (failure instanceof AuthenticationException) {
      return new UserError(
          "Kafka at %s refuses the credentials: %s (keys of the group kafka: security.protocol, sasl.*,"
                  .formatted(topic.brokers(), oneLine(failure))
              + " ssl.*)",
          failure);
    }
    if (failure instanceof AuthorizationException) {
      return new UserError(
          "Kafka at %s does not allow to %s topic %s: %s"
              .formatted(topic.brokers(), action, topic.topic(), oneLine(failure)),
          failure);
    }
    return unknown(topic, failure);
  }

  /** There is no such topic. */
  public static UserError unknown(KafkaTopic topic, Throwable cause) {
    return new UserError(
        "Kafka at %s has no topic %s (or does not let us see it); create it first"
            .formatted(topic.brokers(), topic.topic()),
        cause);
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return message.lines().findFirst().orElse("");
  }
}
