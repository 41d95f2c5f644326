package io.simmim.pipeline.run.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Moves what an earlier run left in an output into a folder of its own, so that another can begin
 * and nothing is lost. Where it goes is written down first ({@code moving.json}), and whoever finds
 * that finishes the move, so that a run is never in two places.
 */
public final class EarlierRun {
  static final int VERSION_1 = 1;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String TARGET = "to";

  /** Names that {@link #unused} gives: no others, which might lie outside the output. */
  private static final Pattern NAME = Pattern.compile("previous-\\d{8}-\\d{6}(-\\d+)?");

  private final RunFolder folder;
  private final FileSystem files;

  public EarlierRun(RunFolder folder) {
    this.folder = folder;
    this.files = folder.files();
  }

  /**
   * Moves everything of a run.
   *
   * @return where it is then, or nothing if there was nothing to move
   * @throws UserError if storage fails; the next start goes on
   */
  public Optional<Path> setAside(Clock clock) {
    try {
      if (content(folder.root()).isEmpty()) {
        return Optional.empty();
      }
      Path target = unused(clock);
      note(target);
      move(target);
      return Optional.of(target);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * Finishes a move that was interrupted.
   *
   * @return where the run is then, or nothing if there was no such move
   * @throws UserError as {@link #setAside}
   */
  public Optional<Path> finishMove() {
    Optional<Path> target = folder.read(folder.moving()).map(this::target);
    if (target.isPresent()) {
      try {
        move(target.get());
      } catch (IOException e) {
        throw failed(e);
      }
    }
    return target;
  }

  /**
   * Moves a run back to where it was, in which there must be nothing of another one. If that is
   * interrupted, the next start moves it aside again.
   *
   * @param aside as {@link #setAside} returned it
   * @throws UserError if storage fails before anything is moved
   * @throws IOException if storage fails later
   */
  void putBack(Path aside) throws IOException {
    note(aside);
    List<Path> content = content(aside);
    Collections.reverse(content);
    for (Path part : content) {
      move(part, new Path(folder.root(), part.getName()));
    }
    files.delete(folder.moving(), false);
    files.delete(aside, false);
  }

  private void note(Path target) {
    String journal =
        MAPPER
            .createObjectNode()
            .put("format-version", VERSION_1)
            .put(TARGET, target.getName())
            .toString();
    folder.write(folder.moving(), journal + "\n");
  }

  private Path target(String journal) {
    JsonNode root;
    try {
      root = MAPPER.readTree(journal);
    } catch (JsonProcessingException e) {
      throw new UserError(damaged(journal), e);
    }
    int version = root.path("format-version").asInt();
    if (version != VERSION_1) {
      throw new UserError(
          "%s has format version %d; this build reads version %d"
              .formatted(folder.moving(), version, VERSION_1));
    }
    String name = root.path(TARGET).asText();
    if (!NAME.matcher(name).matches()) {
      throw new UserError(damaged(journal));
    }
    return new Path(folder.root(), name);
  }

  private String damaged(String journal) {
    return "%s is damaged: %s".formatted(folder.moving(), journal.strip());
  }

  private Path unused(Clock clock) throws IOException {
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(clock.instant());
    Path target = new Path(folder.root(), "previous-" + time);
    for (int i = 2; RunFolder.exists(files, target); i++) {
      target = new Path(folder.root(), String.format(Locale.ROOT, "previous-%s-%d", time, i));
    }
    return target;
  }

  private void move(Path target) throws IOException {
    files.mkdirs(target);
    for (Path part : content(folder.root())) {
      move(part, new Path(target, part.getName()));
    }
    files.delete(folder.moving(), false);
  }

  /** {@code run.json} first: without it nothing takes the rest for a run. */
  private List<Path> content(Path place) throws IOException {
    List<Path> content = new ArrayList<>();
    for (FileStatus status : FolderContent.of(place)) {
      if (RunFolder.isContent(status.getPath().getName())) {
        content.add(status.getPath());
      }
    }
    content.sort(
        Comparator.comparing((Path part) -> !part.getName().equals(folder.run().getName()))
            .thenComparing(Path::getName));
    return content;
  }

  /** Object stores move a folder file by file, so a part of it may be there already. */
  private void move(Path source, Path target) throws IOException {
    if (!RunFolder.exists(files, target)) {
      rename(source, target);
    } else if (files.getFileStatus(source).isDir()) {
      for (FileStatus child : FolderContent.of(source)) {
        move(child.getPath(), new Path(target, child.getPath().getName()));
      }
      files.delete(source, false);
    } else {
      files.delete(target, false);
      rename(source, target);
    }
  }

  private void rename(Path source, Path target) throws IOException {
    if (!files.rename(source, target)) {
      throw new IOException("cannot rename %s to %s".formatted(source, target));
    }
  }

  private UserError failed(IOException e) {
    return new UserError(
        "cannot move the earlier run in %s aside (the next start goes on with it): %s"
            .formatted(RunFolder.readable(folder.root()), StorageFailure.reason(e)),
        e);
  }
}
