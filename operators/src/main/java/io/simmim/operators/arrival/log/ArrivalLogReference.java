package io.simmim.operators.arrival.log;

import io.simmim.schemas.bytes.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Names the part of a stored log that a checkpoint stands for.
 *
 * @param folder where the log's files are, on any Flink file system
 * @param length bytes of the log
 * @param digest SHA-256 of these bytes, in lower-case hexadecimal
 */
public record ArrivalLogReference(String folder, long length, String digest) {
  public ArrivalLogReference {
    Objects.requireNonNull(folder, "folder");
    Objects.requireNonNull(digest, "digest");
    if (length < 1) {
      throw new IllegalArgumentException("a log has at least 1 byte: " + length);
    }
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("digest must be 64 hexadecimal digits: " + digest);
    }
  }

  /** Whether what it names is how a log begins. */
  public boolean isBeginningOf(ArrivalLog log) {
    if (length > log.bytes().length()) {
      return false;
    }
    MessageDigest beginning = Sha256.begin();
    log.bytes().update(beginning, length);
    return HexFormat.of().formatHex(beginning.digest()).equals(digest);
  }
}
