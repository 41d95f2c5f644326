package io.simmim.schemas.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Files of this machine that outlast a power cut. A file that is moved before its content is on
 * disk may be found whole by its name, and empty.
 */
public final class Durable {
  private Durable() {}

  /** Waits until what a file holds is on disk. */
  public static void force(Path file) throws IOException {
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.WRITE)) {
      content.force(true);
    }
  }
}
