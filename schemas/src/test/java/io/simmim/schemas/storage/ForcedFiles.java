package io.simmim.schemas.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** Which files this JVM has the system write to disk, as its flight recorder tells. */
public final class ForcedFiles {
  private static final String EVENT = "jdk.FileForce";

  private ForcedFiles() {}

  /** Does something that writes files. */
  public interface Writing {
    void run() throws Exception;
  }

  /**
   * The paths that files had when they were forced to disk.
   *
   * @param scratch folder for a recording
   */
  public static Set<String> during(Path scratch, Writing writing) throws Exception {
    Path file = scratch.resolve("forced.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).withThreshold(Duration.ZERO).withoutStackTrace();
      recording.start();
      writing.run();
      recording.stop();
      recording.dump(file);
    }
    return paths(file);
  }

  private static Set<String> paths(Path file) throws IOException {
    try {
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals(EVENT))
          .map(event -> event.getString("path"))
          .collect(Collectors.toSet());
    } finally {
      Files.delete(file);
    }
  }
}
