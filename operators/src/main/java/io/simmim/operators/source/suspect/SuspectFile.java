package io.simmim.operators.source.suspect;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.flink.util.IOUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that says after a crash what was being decoded. It is written over in place by one
 * call, without waiting for the disk: what a process has written outlives it. A file that cannot be
 * read says nothing, and one that cannot be written is given up.
 *
 * <p>Stored form, big-endian: magic with the version (int), number of suspects (int), each with its
 * losses (long, int), number of chunks being decoded (int), each (long), the submission whose
 * enumerator ended in order or 0 (long, not in version 1), CRC-32C of what is before it (int); what
 * follows is of an earlier, longer content.
 */
public final class SuspectFile {
  /**
   * What it holds.
   *
   * @param losses of readers, by the chunk that they were decoding
   * @param decoding chunks that may be being decoded now, or were when the enumerator ended
   * @param endedOf the submission whose enumerator ended in order; empty while it lives, and after
   *     its process has ended without a word
   */
  public record Content(
      Map<Long, Integer> losses, Collection<Long> decoding, OptionalLong endedOf) {
    static final Content NOTHING = new Content(Map.of(), List.of());

    /** While the enumerator lives. */
    public Content(Map<Long, Integer> losses, Collection<Long> decoding) {
      this(losses, decoding, OptionalLong.empty());
    }

    /**
     * The chunks of which one may have ended the process. An enumerator that ended in order did so
     * because its job ended, or because a scheduler replaced it when readers were lost: the latter
     * if one of the same submission follows.
     *
     * @param submission of the enumerator that begins
     */
    public Collection<Long> lost(long submission) {
      return endedOf.isEmpty() || endedOf.getAsLong() == submission ? decoding : List.of();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(SuspectFile.class);
  private static final int VERSION_1 = 0x53555350;
  private static final int VERSION_2 = 0x53555332;
  private static final long LIVES = 0;

  /** Far more than there ever are: 64 readers of which each lost its nearest chunks. */
  private static final int MOST_BYTES = 1 << 18;

  private static final int MOST_SUSPECTS = 1000;

  private final Path path;
  private FileChannel channel;

  private SuspectFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  static Path path(String name) {
    return Path.of(System.getProperty("java.io.tmpdir")).resolve(name);
  }

  /** Opens or creates it; one without a name is never kept. */
  public static SuspectFile open(String name) {
    if (name.isEmpty()) {
      return new SuspectFile(null, null);
    }
    Path path = path(name);
    try {
      return new SuspectFile(
          path,
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      LOG.warn("{} cannot be opened: after a crash nobody knows what was being decoded", path, e);
      return new SuspectFile(path, null);
    }
  }

  /** Whether it remembers anything. */
  public boolean isKept() {
    return channel != null;
  }

  /** What a process before this one left. */
  public Content read() {
    if (channel == null) {
      return Content.NOTHING;
    }
    try {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MOST_BYTES, channel.size()));
      while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
        // More may come.
      }
      return parse(bytes.flip());
    } catch (IOException e) {
      LOG.warn("{} cannot be read", path, e);
      return Content.NOTHING;
    }
  }

  private static Content parse(ByteBuffer bytes) {
    try {
      int version = bytes.getInt();
      if (version != VERSION_1 && version != VERSION_2) {
        return Content.NOTHING;
      }
      Map<Long, Integer> losses = new TreeMap<>();
      for (int left = bytes.getInt(); left > 0; left--) {
        losses.put(bytes.getLong(), bytes.getInt());
      }
      List<Long> decoding = new ArrayList<>();
      for (int left = bytes.getInt(); left > 0; left--) {
        decoding.add(bytes.getLong());
      }
      long ended = version == VERSION_1 ? LIVES : bytes.getLong();
      int expected = checksum(bytes.slice(0, bytes.position()));
      return bytes.getInt() == expected
          ? new Content(
              losses, decoding, ended == LIVES ? OptionalLong.empty() : OptionalLong.of(ended))
          : Content.NOTHING;
    } catch (BufferUnderflowException e) {
      return Content.NOTHING; // empty, or cut off
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  public void write(Content content) {
    if (channel == null) {
      return;
    }
    List<Map.Entry<Long, Integer>> losses =
        content.losses().entrySet().stream().limit(MOST_SUSPECTS).toList();
    ByteBuffer bytes =
        ByteBuffer.allocate(
            4 * Integer.BYTES
                + losses.size() * (Long.BYTES + Integer.BYTES)
                + content.decoding().size() * Long.BYTES
                + Long.BYTES);
    bytes.putInt(VERSION_2).putInt(losses.size());
    losses.forEach(chunk -> bytes.putLong(chunk.getKey()).putInt(chunk.getValue()));
    bytes.putInt(content.decoding().size());
    content.decoding().forEach(bytes::putLong);
    bytes.putLong(content.endedOf().orElse(LIVES));
    bytes.putInt(checksum(bytes.duplicate().flip()));
    bytes.flip();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes, bytes.position());
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be written any more", path, e);
      giveUp();
    }
  }

  /** Closes it, whatever is in it. */
  void giveUp() {
    IOUtils.closeQuietly(channel);
    channel = null;
  }

  /** Writes it for the last time, or deletes it if there is nothing to say. */
  public void close(Content last) {
    if (channel == null) {
      return;
    }
    write(last);
    giveUp();
    if (last.losses().isEmpty() && last.decoding().isEmpty()) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.debug("{} cannot be deleted", path, e);
      }
    }
  }
}
