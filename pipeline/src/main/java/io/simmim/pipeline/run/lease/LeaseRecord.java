package io.simmim.pipeline.run.lease;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.PrintableText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;

/**
 * Who writes to an output: {@code run.lock} in it. Written in place, so a reader may find a part of
 * it, which counts as the sign of life of somebody unknown.
 *
 * @param owner the run; stays the same wherever and however often its job is started again
 * @param holder whoever writes this file for the run at present
 * @param renewals how often that holder has written it
 * @param host name of the holder's machine, for people
 * @param process the holder's; empty where the system does not tell
 * @param runsThere whether the run ends with that process; not so for one that submits a job, or
 *     manages it
 * @param locked whether the process keeps the lock of the operating system beside the file, on a
 *     local file system
 * @param since when the run began to use the output
 * @param free whether the run has given it back. It stays in the file: an earlier holder that was
 *     not heard of for long, and comes back, sees that another run had the output meanwhile
 */
public record LeaseRecord(
    String owner,
    String holder,
    long renewals,
    String host,
    Optional<ProcessMark> process,
    boolean runsThere,
    boolean locked,
    Instant since,
    boolean free) {
  static final int VERSION_1 = 1;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int LONGEST = 1 << 16;

  /** What Hadoop's S3 throws if an object was written anew after it was looked up. */
  private static final String CHANGED = "RemoteFileChangedException";

  /** Nobody writes it so often that as many reads meet a change. */
  private static final int READS = 20;

  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  /** Of a file that cannot be understood. */
  static LeaseRecord unknown(String content) {
    return new LeaseRecord(
        "", content, 0, "an unknown machine", Optional.empty(), false, false, Instant.EPOCH, false);
  }

  /** Whether it is not known whose it is. */
  boolean isUnknown() {
    return owner.isEmpty();
  }

  /** Whether it is certain, on this machine, that the run has ended because its process has. */
  public boolean hasEnded() {
    return runsThere && process.filter(mark -> mark.life() == ProcessMark.Life.ENDED).isPresent();
  }

  LeaseRecord withRenewals(long number) {
    return new LeaseRecord(owner, holder, number, host, process, runsThere, locked, since, free);
  }

  /** The same, given back. */
  LeaseRecord given() {
    return new LeaseRecord(owner, holder, renewals, host, process, runsThere, locked, since, true);
  }

  /** The file's content, or nothing if there is no such file. */
  public static Optional<LeaseRecord> read(org.apache.flink.core.fs.Path file) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return readOnce(file);
      } catch (IOException e) {
        if (attempt == READS || !e.getClass().getSimpleName().equals(CHANGED)) {
          throw e;
        }
      }
    }
  }

  private static Optional<LeaseRecord> readOnce(org.apache.flink.core.fs.Path file)
      throws IOException {
    try (InputStream in = file.getFileSystem().open(file)) {
      return Optional.of(parse(new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  static LeaseRecord parse(String text) {
    try {
      JsonNode root = MAPPER.readTree(text);
      if (root.path("format-version").asInt() != VERSION_1
          || root.path("owner").asText().isEmpty()) {
        return unknown(text);
      }
      JsonNode process = root.path("process");
      return new LeaseRecord(
          root.path("owner").asText(),
          root.path("holder").asText(),
          root.path("renewals").asLong(),
          root.path("host").asText(),
          process.isObject()
              ? Optional.of(
                  new ProcessMark(
                      process.path("place").asText(),
                      process.path("pid").asLong(),
                      process.path("started").asLong()))
              : Optional.empty(),
          root.path("runs-there").asBoolean(root.path("locked").asBoolean()),
          root.path("locked").asBoolean(),
          Instant.parse(root.path("since").asText()),
          root.path("free").asBoolean());
    } catch (JsonProcessingException | DateTimeParseException e) {
      return unknown(text);
    }
  }

  void write(org.apache.flink.core.fs.Path file) throws IOException {
    FileSystem files = file.getFileSystem();
    try (FSDataOutputStream out = files.create(file, WriteMode.OVERWRITE)) {
      out.write(text().getBytes(StandardCharsets.UTF_8));
    }
  }

  String text() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format-version", VERSION_1);
    root.put("owner", owner);
    root.put("holder", holder);
    root.put("renewals", renewals);
    root.put("host", host);
    process.ifPresent(
        mark ->
            root.putObject("process")
                .put("place", mark.place())
                .put("pid", mark.pid())
                .put("started", mark.started()));
    root.put("runs-there", runsThere);
    root.put("locked", locked);
    root.put("since", since.toString());
    root.put("free", free);
    return root + "\n";
  }

  /** For people, in one line: which process, where, since when. */
  String who() {
    return "%s on %s, which has used it since %s"
        .formatted(
            process.map(mark -> "process " + mark.pid()).orElse("a process"),
            PrintableText.of(host),
            since);
  }

  /** Name of this machine. */
  static String thisHost() {
    try {
      return Files.readString(HOST_NAME).strip();
    } catch (IOException e) {
      return "an unknown machine";
    }
  }
}
