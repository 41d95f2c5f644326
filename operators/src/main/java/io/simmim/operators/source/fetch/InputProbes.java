package io.simmim.operators.source.fetch;

import io.simmim.schemas.storage.ObjectStore;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * What is there as long as the storage of an input is: the bucket of an object store, where a
 * prefix without objects does not exist; elsewhere the folder.
 */
public final class InputProbes {
  private InputProbes() {}

  /**
   * What to ask of inputs.
   *
   * @param inputs qualified URIs
   */
  public static List<String> of(List<String> inputs) {
    return inputs.stream().map(InputProbes::of).distinct().toList();
  }

  /**
   * @param input a qualified URI
   */
  static String of(String input) {
    Path path = new Path(input);
    return isInBucket(path)
        ? path.toUri().getScheme() + "://" + path.toUri().getAuthority() + "/"
        : input;
  }

  /** Whether a path is a whole bucket. */
  static boolean isBucket(Path path) {
    return isInBucket(path) && path.getPath().length() <= 1;
  }

  private static boolean isInBucket(Path path) {
    return ObjectStore.hasBuckets(path.toUri().getScheme());
  }
}
