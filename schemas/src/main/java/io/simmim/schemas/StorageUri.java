package io.simmim.schemas;

import java.net.URI;
import java.util.Set;

/** What holds for every URI of input and output. */
public final class StorageUri {
  /** Azure's URIs name the container before the account. */
  private static final Set<String> CONTAINER_BEFORE_HOST = Set.of("abfs", "abfss", "wasb", "wasbs");

  private StorageUri() {}

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
