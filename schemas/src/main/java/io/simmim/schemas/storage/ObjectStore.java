package io.simmim.schemas.storage;

import java.util.Locale;
import java.util.Set;

/** What kind of storage a scheme stands for. */
public final class ObjectStore {
  private static final Set<String> S3 = Set.of("s3", "s3a", "s3n", "s3p");
  private static final Set<String> OTHERS = Set.of("gs", "oss");

  private ObjectStore() {}

  /** Whether it is one of S3's. */
  public static boolean isS3(String scheme) {
    return scheme != null && S3.contains(scheme.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether it has buckets of objects: an object appears when its stream is closed, renaming copies
   * it, and a prefix without objects does not exist.
   */
  public static boolean hasBuckets(String scheme) {
    return isS3(scheme) || (scheme != null && OTHERS.contains(scheme.toLowerCase(Locale.ROOT)));
  }

  /** Whether it is a disk of this machine. */
  public static boolean isLocal(String scheme) {
    return "file".equals(scheme);
  }
}
