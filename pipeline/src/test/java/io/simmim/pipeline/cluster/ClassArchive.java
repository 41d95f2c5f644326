package io.simmim.pipeline.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What JVMs of one kind load, kept so that the next one of that kind starts in half of the time
 * (class data sharing). The first one writes the archive when it ends in order. Java itself takes
 * no notice of an archive that does not fit its class path.
 *
 * @param kind program whose JVMs share it
 */
public record ClassArchive(String kind) {
  private static final Duration END_LIMIT = Duration.ofMinutes(2);
  private static final List<String> QUIETLY = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");

  /** Whether the next JVM is one that writes the archive. */
  public boolean isMissing() {
    return !Files.exists(file());
  }

  /** Flags of a JVM that reads the archive. */
  public List<String> read() {
    return with("-XX:SharedArchiveFile=" + file());
  }

  /** Flags of a JVM that writes it; {@link #finish} follows when that JVM has ended. */
  public List<String> write() {
    try {
      Files.createDirectories(file().getParent());
      Files.deleteIfExists(unfinished());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return with("-XX:ArchiveClassesAtExit=" + unfinished());
  }

  /** Takes what a JVM wrote that ended in order. */
  void finish() throws IOException {
    if (Files.exists(unfinished())) {
      Files.move(unfinished(), file(), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Ends a JVM that writes the archive, if it still runs, and takes what it wrote. */
  public void end(ChildProcess process) {
    if (!process.isAlive()) {
      return;
    }
    process.terminate();
    try {
      process.await(END_LIMIT);
      finish();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file() {
    return Path.of("target", "class-archives", kind + ".jsa").toAbsolutePath();
  }

  private Path unfinished() {
    return file().resolveSibling(kind + "." + ProcessHandle.current().pid() + ".unfinished");
  }

  private static List<String> with(String flag) {
    return Stream.concat(QUIETLY.stream(), Stream.of(flag)).toList();
  }
}
