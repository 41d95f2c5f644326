package io.simmim.pipeline.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder for what Flink keeps on disk while it runs in this process: some 25 MB that a killed
 * process leaves. It says whose it is, so that a later process can remove it.
 */
final class ScratchFolder {
  private static final Logger LOG = LoggerFactory.getLogger(ScratchFolder.class);
  private static final String PREFIX = "simmim-scratch-";
  private static final String OWNER = "process";

  private ScratchFolder() {}

  /** Makes one for this process, and removes those of processes that have ended. */
  static Path create(Path parent) {
    try {
      removeAbandoned(parent);
      Path folder = Files.createTempDirectory(parent, PREFIX);
      Optional<ProcessMark> mark = ProcessMark.ofThisProcess();
      if (mark.isPresent()) {
        ProcessMark it = mark.get();
        Files.writeString(
            folder.resolve(OWNER), "%s\n%d\n%d\n".formatted(it.place(), it.pid(), it.started()));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder in " + parent, e);
    }
  }

  private static void removeAbandoned(Path parent) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        if (owner(folder).filter(it -> it.life() == ProcessMark.Life.ENDED).isPresent()) {
          remove(folder);
        }
      }
    }
  }

  private static Optional<ProcessMark> owner(Path folder) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve(OWNER));
      return Optional.of(
          new ProcessMark(
              lines.get(0), Long.parseLong(lines.get(1)), Long.parseLong(lines.get(2))));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // of another user, or about to be made
    }
  }

  /** Removes one, as far as that is possible. */
  static void remove(Path folder) {
    try (Stream<Path> content = Files.walk(folder)) {
      for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("Cannot remove {}", folder, e);
    }
  }
}
