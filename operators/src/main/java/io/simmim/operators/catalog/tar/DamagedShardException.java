package io.simmim.operators.catalog.tar;

/** A shard is not a valid tar archive from some place on; the message says how, for people. */
final class DamagedShardException extends Exception {
  DamagedShardException(String message) {
    super(message);
  }
}
