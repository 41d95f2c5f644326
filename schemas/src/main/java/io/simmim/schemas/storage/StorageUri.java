package io.simmim.schemas.storage;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.Path;

/** What holds for every URI that users give. */
public final class StorageUri {
  /** Azure's URIs name the container before the account. */
  private static final Set<String> CONTAINER_BEFORE_HOST = Set.of("abfs", "abfss", "wasb", "wasbs");

  /** What may stand before the colon of a URI (RFC 3986, section 3.1). */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");

  private static final Pattern DRIVE = Pattern.compile("/[A-Za-z]:");

  private StorageUri() {}

  /**
   * The path that a user's text means: a URI, or a path without scheme. Flink takes whatever is
   * before a colon for a scheme, also in the name of a local file; where it cannot be one, the text
   * is a path.
   *
   * @param name what the text is for
   * @throws UserError if it holds credentials, or may be a URI or a path
   * @throws IllegalArgumentException if it cannot be a URI
   */
  public static Path path(String name, String text) {
    int colon = text.indexOf(':');
    boolean mayBeUri = colon >= 0 && text.lastIndexOf('/', colon) < 0;
    boolean isPath = mayBeUri && !SCHEME.matcher(text.substring(0, colon)).matches();
    if (mayBeUri && !isPath && !text.startsWith("/", colon + 1)) {
      throw new UserError(
          "%s must be a path or a URI such as s3://bucket/folder: %s (a path with a colon begins with /, or with ./ as ./%s)"
              .formatted(name, text, text));
    }
    Path path = new Path(isPath ? "./" + text : text);
    if (path.toUri().getScheme() == null && DRIVE.matcher(path.toUri().getPath()).lookingAt()) {
      throw new UserError(
          "%s must not begin with a letter and a colon, which Flink takes for a drive of Windows: %s"
              .formatted(name, text));
    }
    requireNoCredentials(name, path.toUri());
    return path;
  }

  /**
   * Whether two paths are one place; on a disk of this machine also by way of links.
   *
   * @throws IOException if there is no file system for one
   */
  public static boolean isSamePlace(Path one, Path other) throws IOException {
    Path first = one.makeQualified(one.getFileSystem());
    Path second = other.makeQualified(other.getFileSystem());
    if (first.equals(second)) {
      return true;
    }
    if (!isLocal(first) || !isLocal(second)) {
      return false;
    }
    try {
      return Files.isSameFile(
          java.nio.file.Path.of(first.getPath()), java.nio.file.Path.of(second.getPath()));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static boolean isLocal(Path path) {
    return ObjectStore.isLocal(path.toUri().getScheme());
  }

  /**
   * Refuses credentials in a URI: it is stored with the run.
   *
   * @param name what the URI is for
   * @throws UserError that does not show them
   */
  public static void requireNoCredentials(String name, URI uri) {
    String authority = uri.getAuthority();
    if (uri.getScheme() == null || authority == null || !authority.contains("@")) {
      return;
    }
    if (!CONTAINER_BEFORE_HOST.contains(uri.getScheme())) {
      throw new UserError(
          "%s must not hold credentials: %s://******@%s%s"
              .formatted(
                  name,
                  uri.getScheme(),
                  authority.substring(authority.lastIndexOf('@') + 1),
                  uri.getPath()));
    }
  }
}
