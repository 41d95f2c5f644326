package io.simmim.operators.sqs;

import io.simmim.schemas.UserError;
import java.io.Serializable;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A queue and how to reach it: one of Amazon's by what its ARN says, another server's by its
 * address.
 *
 * @param scheme {@code sqs}, or {@code sqs+http} or {@code sqs+https} with an address
 * @param place region, or {@code host[:port]}
 * @param account number of the account that owns the queue; empty where a server has none
 */
public record SqsQueue(String scheme, String place, String account, String name)
    implements Serializable {
  /** The beginning of all schemes. */
  public static final String SCHEME = "sqs";

  /** The URIs that {@link #parse} takes. */
  public static final String ALLOWED =
      "sqs://region/account/queue, or sqs+https://host[:port]/[account/]queue of another server";

  private static final Pattern URI_OF_QUEUE =
      Pattern.compile("(sqs(?:\\+https?)?)://([^/]*)/(?:([^/]*)/)?([^/]*)");

  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}");
  private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

  private static final Pattern HOST =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*])"
              + "(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}"
              + "|655[0-2][0-9]|6553[0-5]))?");

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,80}");

  public SqsQueue {
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(account, "account");
    Objects.requireNonNull(name, "name");
  }

  /**
   * Takes a URI apart.
   *
   * @throws UserError if it is none of {@link #ALLOWED}
   */
  public static SqsQueue parse(String uri) {
    if (uri.indexOf('@') >= 0) {
      // The value would show them.
      throw new UserError(
          "the URI of an SQS queue must not hold credentials (allowed: %s)".formatted(ALLOWED));
    }
    Matcher parts = URI_OF_QUEUE.matcher(uri);
    if (!parts.matches()) {
      throw refused("not the URI of an SQS queue:", uri);
    }
    String account = parts.group(3) == null ? "" : parts.group(3);
    SqsQueue queue = new SqsQueue(parts.group(1), parts.group(2), account, parts.group(4));
    queue.requireParts(uri, parts.group(3) != null);
    return queue;
  }

  private void requireParts(String uri, boolean hasAccount) {
    boolean ofAmazon = scheme.equals(SCHEME);
    if (ofAmazon && !REGION.matcher(place).matches()) {
      throw refused("not a region such as eu-central-1: '%s' in".formatted(place), uri);
    }
    if (!ofAmazon && !HOST.matcher(place).matches()) {
      throw refused("not host[:port]: '%s' in".formatted(place), uri);
    }
    if ((ofAmazon || hasAccount) && !ACCOUNT.matcher(account).matches()) {
      throw refused("an account must have 12 digits: '%s' in".formatted(account), uri);
    }
    if (name.endsWith(".fifo")) {
      throw refused(
          "a FIFO queue hands nothing more out until what it handed out is deleted; S3 needs a"
              + " standard one:",
          uri);
    }
    if (!NAME.matcher(name).matches()) {
      throw refused(
          "the name of a queue must have 1 to 80 letters, digits, '_' and '-': '%s' in"
              .formatted(name),
          uri);
    }
  }

  private static UserError refused(String what, String uri) {
    return new UserError("%s %s (allowed: %s)".formatted(what, uri, ALLOWED));
  }

  /** The region; empty if the queue is reached by an address. */
  public Optional<String> region() {
    return scheme.equals(SCHEME) ? Optional.of(place) : Optional.empty();
  }

  /** The address of the server; empty for Amazon's own of the region. */
  Optional<URI> endpoint() {
    return scheme.equals(SCHEME)
        ? Optional.empty()
        : Optional.of(URI.create(scheme.substring(SCHEME.length() + 1) + "://" + place));
  }

  /** The URI. */
  @Override
  public String toString() {
    return "%s://%s/%s%s".formatted(scheme, place, account.isEmpty() ? "" : account + "/", name);
  }
}
