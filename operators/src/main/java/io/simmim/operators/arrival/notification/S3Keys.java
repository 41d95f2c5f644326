package io.simmim.operators.arrival.notification;

import io.simmim.operators.catalog.ImageNames;
import io.simmim.schemas.storage.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * From bucket and key of a notification to the URI that a listing of the input would give the
 * object. A key that Flink would take for another path names no image: what is read would not be
 * what was announced.
 */
public final class S3Keys {
  public static final String BAD_ENCODING = "key is badly encoded";
  public static final String NO_PATH = "key is no path";
  public static final String OUTSIDE = "outside the input";
  public static final String EXCLUDED = "in a folder that is left out";
  public static final String NO_IMAGE = "not an image";
  public static final String HIDDEN = "hidden file";

  /** In UTF-8, as S3 has it. */
  private static final int LONGEST_KEY = 1024;

  private final List<Root> roots;
  private final List<Root> excluded;

  /**
   * @param inputs folders and files that count
   * @param excludedFolders folders below them that do not
   */
  S3Keys(List<String> inputs, List<String> excludedFolders) {
    roots = roots(inputs);
    excluded = roots(excludedFolders);
  }

  private static List<Root> roots(List<String> uris) {
    List<Root> roots = new ArrayList<>();
    for (String uri : uris) {
      URI root = new Path(uri).toUri();
      if (root.getAuthority() != null && ObjectStore.isS3(root.getScheme())) {
        String path = root.getPath();
        roots.add(
            new Root(
                root.getScheme(),
                root.getAuthority(),
                path.endsWith("/") ? path.substring(0, path.length() - 1) : path));
      }
    }
    return roots;
  }

  /**
   * The URI of an object under a root, with the root's scheme.
   *
   * @param key as the store has it
   */
  String uri(String bucket, String key) throws SkippedEvent {
    if (key.endsWith("/")) {
      throw new SkippedEvent(NO_IMAGE); // the marker of a folder
    }
    if (utf8(key).length > LONGEST_KEY || !isPlainPath(key)) {
      throw new SkippedEvent(NO_PATH);
    }
    String path = "/" + key;
    for (Root root : roots) {
      if (root.holds(bucket, path)) {
        String uri = root.scheme + "://" + bucket + path;
        if (!new Path(uri).toString().equals(uri)) {
          throw new SkippedEvent(NO_PATH);
        }
        if (!ImageNames.isImage(key) && !ImageNames.isShard(key)) {
          throw new SkippedEvent(NO_IMAGE);
        }
        if (ImageNames.isHidden(path.substring(root.path.length()))) {
          throw new SkippedEvent(HIDDEN);
        }
        if (excluded.stream().anyMatch(folder -> folder.holds(bucket, path))) {
          throw new SkippedEvent(EXCLUDED);
        }
        return uri;
      }
    }
    throw new SkippedEvent(OUTSIDE);
  }

  /** The key that is encoded as in an HTML form: spaces are plus signs, bytes are %XX. */
  static String decoded(String encoded) throws SkippedEvent {
    byte[] bytes = utf8(encoded);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%') {
        if (i + 2 >= bytes.length) {
          throw new SkippedEvent(BAD_ENCODING);
        }
        int value = 16 * digit(bytes[i + 1]) + digit(bytes[i + 2]);
        decoded.write(value);
        i += 2;
      } else {
        decoded.write(bytes[i] == '+' ? ' ' : bytes[i]);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(decoded.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new SkippedEvent(BAD_ENCODING);
    }
  }

  /** The methods of String would replace what is not Unicode, and so name another object. */
  private static byte[] utf8(String text) throws SkippedEvent {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (CharacterCodingException e) {
      throw new SkippedEvent(BAD_ENCODING);
    }
  }

  private static int digit(byte character) throws SkippedEvent {
    int value = character < 0 ? -1 : Character.digit(character, 16);
    if (value < 0) {
      throw new SkippedEvent(BAD_ENCODING);
    }
    return value;
  }

  /** Names between single slashes, none of which leads elsewhere. */
  private static boolean isPlainPath(String key) {
    for (String name : key.split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        return false;
      }
    }
    return key.indexOf('\\') < 0 && key.chars().noneMatch(Character::isISOControl);
  }

  private record Root(String scheme, String bucket, String path) {
    boolean holds(String otherBucket, String otherPath) {
      return bucket.equals(otherBucket)
          && otherPath.startsWith(path)
          && (otherPath.length() == path.length() || otherPath.charAt(path.length()) == '/');
    }
  }
}
