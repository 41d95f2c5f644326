package io.simmim.operators.kafka;

import io.simmim.schemas.UserError;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A topic and how to reach it.
 *
 * @param brokers {@code host:port} of some brokers, separated by commas
 */
public record KafkaTopic(String brokers, String topic) implements Serializable {
  /** The beginning of the URI. */
  public static final String SCHEME = "kafka://";

  /** The URI that {@link #parse} takes. */
  public static final String ALLOWED = "kafka://host:port[,host:port...]/topic";

  private static final int HIGHEST_PORT = 65_535;

  /** As Kafka's documentation has it; {@code .} and {@code ..} are no names. */
  private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

  private static final Pattern BROKER =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*])"
              + ":([0-9]{1,5})");

  public KafkaTopic {
    Objects.requireNonNull(brokers, "brokers");
    Objects.requireNonNull(topic, "topic");
  }

  /**
   * Takes a URI apart.
   *
   * @param uri {@code kafka://host:port[,host:port...]/topic}; an IPv6 address stands in brackets
   * @throws UserError if it is anything else
   */
  public static KafkaTopic parse(String uri) {
    if (!uri.startsWith(SCHEME)) {
      throw refused("not the URI of a Kafka topic:", uri);
    }
    int slash = uri.indexOf('/', SCHEME.length());
    String brokers = uri.substring(SCHEME.length(), slash < 0 ? uri.length() : slash);
    String topic = slash < 0 ? "" : uri.substring(slash + 1);
    if (uri.indexOf('@') >= 0) {
      // The value would show them.
      throw new UserError(
          "the URI of a Kafka topic must not hold credentials (allowed: %s)".formatted(ALLOWED));
    }
    for (String broker : brokers.split(",", -1)) {
      requireBroker(broker, uri);
    }
    if (!TOPIC.matcher(topic).matches()) {
      throw refused(
          "the name of a Kafka topic must have 1 to 249 letters, digits, '.', '_' and '-':", uri);
    }
    return new KafkaTopic(brokers, topic);
  }

  private static void requireBroker(String broker, String uri) {
    Matcher parts = BROKER.matcher(broker);
    if (!parts.matches()) {
      throw refused("a Kafka broker must be host:port: '%s' in".formatted(broker), uri);
    }
    int port = Integer.parseInt(parts.group(1));
    if (port < 1 || port > HIGHEST_PORT) {
      throw refused("a port must be from 1 to %d: %d in".formatted(HIGHEST_PORT, port), uri);
    }
  }

  private static UserError refused(String what, String uri) {
    return new UserError("%s %s (allowed: %s)".formatted(what, uri, ALLOWED));
  }

  /**
   * Whether it is the same topic as far as names tell: one of the brokers, too, is the same. Lists
   * of brokers change with the cluster.
   */
  public boolean isSame(KafkaTopic other) {
    Set<String> others = new HashSet<>(List.of(other.brokers.split(",")));
    return topic.equals(other.topic) && Stream.of(brokers.split(",")).anyMatch(others::contains);
  }

  /** The URI. */
  @Override
  public String toString() {
    return SCHEME + brokers + "/" + topic;
  }
}
