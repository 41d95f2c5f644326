package io.simmim.schemas;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why storage failed, in one line without secrets. The classes that object stores throw are in
 * their plugins and differ between them, so names and texts count.
 */
public final class StorageFailure {
  /** What to do about a disk that is full. */
  public static final String MAKE_ROOM =
      "nothing is lost: make room there, then run the same command again, which continues from the"
          + " newest checkpoint";

  private static final int LONGEST = 300;

  /** As Apache's HTTP client tells of a connection. */
  private static final Pattern CONNECTION =
      Pattern.compile("Connect to (\\S+) (?:\\[[^]]*] )?failed: ([^:(]+)");

  /** What AWS appends to its messages: service, status, request ids. */
  private static final Pattern DETAILS =
      Pattern.compile("\\s*\\(Service: [^)]*\\)(, S3 Extended Request ID: \\S*)?");

  private static final List<String> FULL =
      List.of("No space left on device", "Disk quota exceeded");

  private StorageFailure() {}

  /** The system's words if there is no room left for a file, or nothing if it is something else. */
  public static Optional<String> full(Throwable failure) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      String text = String.valueOf(link.getMessage());
      Optional<String> full = FULL.stream().filter(text::contains).findFirst();
      if (full.isPresent()) {
        return full;
      }
    }
    return Optional.empty();
  }

  /** One line for people. */
  public static String reason(Throwable failure) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      String known = known(link);
      if (known != null) {
        return known;
      }
    }
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String line = DETAILS.matcher(message.lines().findFirst().orElse("")).replaceAll("").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  private static String known(Throwable link) {
    String type = link.getClass().getSimpleName();
    String message = String.valueOf(link.getMessage());
    String text = message.toLowerCase(Locale.ROOT);
    if ((type.startsWith("NoA") && text.contains("credentials"))
        || text.contains("unable to load aws credentials")
        || text.contains("unable to load credentials")) {
      return "no credentials found (for S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role)";
    }
    if (type.equals("UnknownStoreException")
        || text.contains("nosuchbucket")
        || text.contains("bucket does not exist")) {
      return "the bucket does not exist";
    }
    if (type.equals("AccessDeniedException")
        && (text.contains("://") || text.contains("service: "))) {
      return "access denied: the credentials are wrong or do not allow it";
    }
    if (type.equals("UnknownHostException")) {
      return "unknown host " + message.lines().findFirst().orElse("").replaceAll(":.*", "");
    }
    Matcher connection = CONNECTION.matcher(message);
    return connection.find()
        ? "cannot reach %s: %s".formatted(connection.group(1), connection.group(2).strip())
        : null;
  }
}
