package io.simmim.schemas.torchfile;

import java.util.Map;

/** What one of the two forms of a file holds. */
interface TorchContent {
  /** Longest pickle that is read; those of the largest checkpoints have some hundred kilobytes. */
  int LONGEST_PICKLE = 16 << 20;

  /** The object that was saved; see {@link Pickle#read}. */
  Object root();

  /** First byte of each storage in the file. */
  Map<String, Long> storageStarts();
}
