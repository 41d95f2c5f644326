package io.simmim.operators.arrival.log;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.FolderContent;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores a log in a folder, on file systems that cannot append too. Each checkpoint with news
 * writes one file: the bytes since the last file that was full ({@value #FULL} bytes). So the end
 * of the log is written again until it is full, and the shorter files before it are deleted once a
 * checkpoint that has the longer one is complete; whoever refers to a shorter length reads the
 * beginning of the longer file.
 *
 * <p>A run that continues from an older checkpoint leaves the files of the abandoned course where
 * they are. Length and digest tell which files belong together.
 *
 * <p>Not thread-safe.
 */
public final class ArrivalLogFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ArrivalLogFiles.class);
  static final int FULL = 1 << 20;

  private final Path folder;
  private final ArrivalLog log;
  private final TreeMap<Long, List<Path>> superseded = new TreeMap<>();
  private long start;
  private long written;

  /** Files that the next one contains. */
  private List<Path> tails = List.of();

  private ArrivalLogFiles(Path folder, ArrivalLog log) {
    this.folder = folder;
    this.log = log;
  }

  /**
   * Stores a new log, nothing of which is written yet.
   *
   * @param folder on any Flink file system; created when needed
   */
  public static ArrivalLogFiles begin(Path folder, ArrivalLog log) {
    return new ArrivalLogFiles(folder, log);
  }

  /**
   * Reads the log that a checkpoint stands for, and goes on storing it in a folder: the same one,
   * or another, which gets all of it.
   *
   * @throws UserError if it is missing, damaged, or another one
   * @throws IOException if storage is away
   */
  public static ArrivalLogFiles restore(Path folder, ArrivalLogReference from) throws IOException {
    Chain chain = chain(from);
    ArrivalLogFiles files = new ArrivalLogFiles(folder, parse(chain.takeBytes(), from.folder()));
    if (new Path(from.folder()).equals(folder)) {
      LogSegment last = chain.last();
      boolean whole = last.end() == from.length();
      boolean full = whole && last.end() - last.start() >= FULL;
      files.written = from.length();
      files.start = full ? from.length() : last.start();
      files.tails = files.contained(last.start());
    }
    return files;
  }

  /**
   * Files that begin at a position and have bytes of the log only; a process that was killed leaves
   * several. A longer file belongs to a course that was abandoned, and stays. So does a full one,
   * which another file of that course may follow.
   */
  private List<Path> contained(long from) throws IOException {
    List<Path> contained = new ArrayList<>();
    for (LogSegment segment : segments(folder)) {
      if (segment.start() == from
          && segment.end() <= written
          && segment.end() - segment.start() < FULL
          && segment.isOf(log.bytes())) {
        contained.add(segment.path());
      }
    }
    return contained;
  }

  public ArrivalLog log() {
    return log;
  }

  /**
   * Writes what is not written yet.
   *
   * @param checkpoint number of the checkpoint that will refer to it
   */
  public ArrivalLogReference write(long checkpoint) throws IOException {
    long end = log.complete();
    if (end > written) {
      folder.getFileSystem().mkdirs(folder);
      while (end - start > LogSegment.LARGEST) {
        next(start + LogSegment.LARGEST, checkpoint);
      }
      next(end, checkpoint);
    }
    return new ArrivalLogReference(folder.toString(), end, log.digest());
  }

  private void next(long end, long checkpoint) throws IOException {
    LogSegment segment = LogSegment.write(folder, log.bytes(), start, end);
    if (!tails.isEmpty()) {
      superseded.computeIfAbsent(checkpoint, none -> new ArrayList<>()).addAll(tails);
    }
    written = end;
    boolean full = end - start >= FULL;
    tails = full ? List.of() : List.of(segment.path());
    start = full ? end : start;
  }

  /** Deletes what longer files have taken the place of, now that a checkpoint is complete. */
  public void completed(long checkpoint) {
    var done = superseded.headMap(checkpoint, true);
    for (List<Path> paths : done.values()) {
      for (Path path : paths) {
        try {
          path.getFileSystem().delete(path, false);
        } catch (IOException e) {
          LOG.warn("Cannot delete {}, which {} has made superfluous", path, folder, e);
        }
      }
    }
    done.clear();
  }

  /**
   * Reads the log that a checkpoint stands for.
   *
   * @throws UserError if it is missing, damaged, or another one
   * @throws IOException if storage is away
   */
  public static ArrivalLog read(ArrivalLogReference reference) throws IOException {
    return parse(chain(reference).takeBytes(), reference.folder());
  }

  private static Chain chain(ArrivalLogReference reference) throws IOException {
    Chain chain = new Chain(segments(new Path(reference.folder())), reference.length());
    boolean found =
        chain.find(
            content -> {
              MessageDigest digest = Sha256.begin();
              content.forEach(digest::update);
              return HexFormat.of().formatHex(digest.digest()).equals(reference.digest());
            });
    if (!found) {
      throw new UserError(
          "the log of arrivals in %s lacks the %d bytes with digest %s that the checkpoint has%s"
              .formatted(
                  reference.folder(), reference.length(), reference.digest(), chain.problem()));
    }
    return chain;
  }

  /**
   * Reads all of a log: the course that was written last.
   *
   * @throws UserError if there is none, or it is damaged
   */
  public static ArrivalLog readNewest(Path folder) throws IOException {
    List<LogSegment> segments = segments(folder);
    LogSegment newest =
        segments.stream()
            .max(Comparator.comparingLong(LogSegment::modified).thenComparing(LogSegment::end))
            .orElseThrow(() -> none(folder));
    Chain chain =
        new Chain(
            segments.stream().filter(one -> one.end() <= newest.end()).toList(), newest.end());
    if (!chain.find(content -> true)) {
      throw lacking(folder, newest.end(), chain.problem());
    }
    return parse(chain.takeBytes(), folder.toString());
  }

  static UserError none(Path folder) {
    return new UserError("no log of arrivals in " + folder);
  }

  static UserError lacking(Path folder, long end, String problem) {
    return new UserError(
        "the log of arrivals in %s lacks parts before byte %d%s".formatted(folder, end, problem));
  }

  /** Whether a folder holds a log. */
  public static boolean isLog(Path folder) throws IOException {
    FileSystem files = folder.getFileSystem();
    try {
      return files.getFileStatus(folder).isDir() && !segments(folder).isEmpty();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private static ArrivalLog parse(ByteLog bytes, String folder) {
    try {
      return ArrivalLog.parse(bytes);
    } catch (IOException e) {
      throw new UserError(
          "the log of arrivals in %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  static List<LogSegment> segments(Path folder) throws IOException {
    List<LogSegment> segments = new ArrayList<>();
    for (FileStatus file : FolderContent.of(folder)) {
      LogSegment.of(file).ifPresent(segments::add);
    }
    return segments;
  }
}
