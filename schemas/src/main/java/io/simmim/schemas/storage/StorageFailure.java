package io.simmim.schemas.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.JsonProblem;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/**
 * Why storage failed, in one line without secrets. The classes that object stores throw are in
 * their plugins and differ between them, so names and texts count.
 */
public final class StorageFailure {
  private static final String AGAIN =
      ", then run the same command again, which continues from the newest checkpoint";

  /** What to do about a disk that is full. */
  public static final String MAKE_ROOM = "nothing is lost: make room there" + AGAIN;

  /** What to do about another hindrance. */
  public static final String MEND = "nothing is lost: mend that" + AGAIN;

  private static final int LONGEST = 300;

  /** As Apache's HTTP client tells of a connection. */
  private static final Pattern CONNECTION =
      Pattern.compile("Connect to (\\S+) (?:\\[[^]]*] )?failed: ([^:(]+)");

  /** What AWS appends to its messages: service, status, request ids. */
  private static final Pattern DETAILS =
      Pattern.compile("\\s*\\(Service: [^)]*\\)(, S3 Extended Request ID: \\S*)?");

  private static final List<String> FULL =
      List.of("No space left on device", "Disk quota exceeded");

  /** What Hadoop's S3 throws when the bucket is not there. */
  private static final String NO_BUCKET = "UnknownStoreException";

  /** Other answers of it that are about what was asked for. */
  private static final Set<String> REFUSALS =
      Set.of("AWSBadRequestException", "AWSRedirectException");

  /** What S3 answers of an object whose storage class has to be restored first. */
  private static final String ARCHIVED = "InvalidObjectState";

  /**
   * What Java 23 and newer answer to {@code Subject.getSubject}, by which Hadoop finds its user.
   */
  private static final String NO_SUBJECT = "getSubject is ";

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

  /**
   * Whether storage answered, and the answer is no: the object or its bucket is not there, may not
   * be read, or cannot be named. Everything else may pass. Causes are not looked at: a file with
   * credentials may be what is not there.
   */
  public static boolean isRefusal(Throwable failure) {
    return isMissing(failure)
        || failure instanceof AccessDeniedException
        || failure instanceof UnsupportedFileSystemSchemeException
        || REFUSALS.contains(failure.getClass().getSimpleName());
  }

  /** Whether storage answered that there is no such object or bucket, or can be none. */
  public static boolean isMissing(Throwable failure) {
    return failure instanceof FileNotFoundException
        || failure instanceof NoSuchFileException
        || failure.getClass().getSimpleName().equals(NO_BUCKET)
        // How Flink tells that a bucket cannot have such a name.
        || (failure instanceof IOException
            && failure.getCause() instanceof IllegalArgumentException);
  }

  /**
   * Whether an answer is no because of who asks: S3 knows the credentials and does not allow it.
   */
  public static boolean isDenial(Throwable failure) {
    return failure instanceof AccessDeniedException
        && String.valueOf(failure.getMessage()).contains("Error Code: AccessDenied");
  }

  /** Whether S3 does not give the object because it is in an archive, such as Glacier. */
  public static boolean isArchived(Throwable failure) {
    return failure instanceof AccessDeniedException
        && String.valueOf(failure.getMessage()).contains(ARCHIVED);
  }

  /**
   * Why a file cannot be written, for people: its name, the reason, and what to do about a disk
   * that is full. To be thrown in place of the failure.
   */
  public static IOException unwritten(String file, IOException failure) {
    String message = "cannot write %s: %s".formatted(file, reason(failure));
    return full(failure).isPresent()
        ? new IOException(new UserError(message + "; " + MAKE_ROOM, failure))
        : new IOException(message, failure);
  }

  /** One line for people. */
  public static String reason(Throwable failure) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      String known = known(link);
      if (known != null) {
        return known;
      }
    }
    String line =
        DETAILS.matcher(message(failure).lines().findFirst().orElse("")).replaceAll("").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  private static String known(Throwable link) {
    String type = link.getClass().getSimpleName();
    String message = String.valueOf(link.getMessage());
    String text = message.toLowerCase(Locale.ROOT);
    if ((type.startsWith("NoA") && text.contains("credentials"))
        || text.contains("unable to load aws credentials")
        || text.contains("unable to load credentials")) {
      return "no credentials found (for S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a"
          + " role)";
    }
    if (type.equals(NO_BUCKET)
        || text.contains("nosuchbucket")
        || text.contains("bucket does not exist")) {
      return "the bucket does not exist";
    }
    if (isArchived(link)) {
      return "it is in an archive of S3 (Glacier, say), which has to restore it first";
    }
    if (type.equals("AccessDeniedException")
        && (text.contains("://") || text.contains("service: "))) {
      return "access denied: the credentials are wrong or do not allow it";
    }
    if (message.startsWith(NO_SUBJECT)) {
      return "Hadoop's client does not run on Java %d; take Java 17 to 22 (JAVA_HOME)"
          .formatted(Runtime.version().feature());
    }
    if (type.equals("UnknownHostException")) {
      return "unknown host " + message.lines().findFirst().orElse("").replaceAll(":.*", "");
    }
    Matcher connection = CONNECTION.matcher(message);
    return connection.find()
        ? "cannot reach %s: %s".formatted(connection.group(1), connection.group(2).strip())
        : null;
  }

  /** The message of a failure; of those whose class alone tells what is wrong, with that. */
  private static String message(Throwable failure) {
    if (failure instanceof JsonProcessingException json) {
      return JsonProblem.of(json);
    }
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (!(failure instanceof FileSystemException nameless) || nameless.getReason() != null) {
      return message;
    }
    return switch (nameless.getClass().getSimpleName()) {
      case "AccessDeniedException" -> message + ": permission denied";
      case "NoSuchFileException" -> message + ": no such file or folder";
      case "NotDirectoryException" -> message + ": not a folder";
      case "FileAlreadyExistsException" -> message + ": there is a file of this name";
      case "DirectoryNotEmptyException" -> message + ": the folder is not empty";
      default -> message;
    };
  }
}
