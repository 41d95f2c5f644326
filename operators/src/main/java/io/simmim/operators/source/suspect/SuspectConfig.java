package io.simmim.operators.source.suspect;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What is done about images that end the process which decodes them.
 *
 * @param trial of chunks that were being decoded when processes ended
 * @param file on the machine of the enumerator, in which it notes the chunks that readers decode:
 *     an enumerator may end with its readers. Relative to the folder for temporary files there;
 *     empty for none
 * @param submission tells the jobs apart that follow each other with the same file; not 0
 */
public record SuspectConfig(ChunkTrial trial, String file, long submission)
    implements Serializable {
  /** Nothing is done. */
  public static final SuspectConfig NONE = new SuspectConfig(ChunkTrial.NONE, "", 1);

  public SuspectConfig {
    Objects.requireNonNull(trial, "trial");
    Objects.requireNonNull(file, "file");
  }

  /** Of a job that is about to be submitted. */
  public static SuspectConfig ofNewJob(ChunkTrial trial, String file) {
    return new SuspectConfig(trial, file, ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
  }

  /**
   * A run begins: what another one left that had the same name, and is not there any more, is not
   * about its chunks.
   *
   * @param file see the class
   * @throws UncheckedIOException if it cannot be deleted
   */
  public static void forget(String file) {
    try {
      Files.deleteIfExists(SuspectFile.path(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + SuspectFile.path(file), e);
    }
  }

  /** This process ends, and not without a word. */
  public void ended() {
    if (Files.isRegularFile(SuspectFile.path(file))) {
      SuspectFile stored = SuspectFile.open(file);
      stored.close(new SuspectFile.Content(stored.read().losses(), List.of()));
    }
  }

  /** One line if the process before this one ended without a word while it was decoding. */
  public Optional<String> lastWords() {
    if (!Files.isRegularFile(SuspectFile.path(file))) {
      return Optional.empty();
    }
    SuspectFile stored = SuspectFile.open(file);
    SuspectFile.Content content = stored.read();
    stored.giveUp();
    return content.lost(submission).isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the process before this one was killed, or ended by a fault in native code; if the same"
                + " images were being decoded each time, they are tried one at a time now");
  }
}
