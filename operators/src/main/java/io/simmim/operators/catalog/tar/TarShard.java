package io.simmim.operators.catalog.tar;

import io.simmim.operators.catalog.CatalogBuilder;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.operators.catalog.ListingNotes.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the images in one tar shard by reading headers only. Names are never used as paths. Files
 * that are no images are skipped; an image that is a link, sparse or incomplete gets an entry that
 * says so; and where a shard stops being a valid tar, one entry says where and why. What comes
 * before the damage is used, nothing behind it: there is no telling where the next header is.
 *
 * <p>A shard may be several archives, one behind the other: blocks of zeros between members are
 * skipped, as {@code tar -i} does. Nor need the last one have an end: writers leave it out.
 *
 * <p>Sizes come from the archive and are not to be trusted: they are compared with the shard's
 * length, headers that must be read whole are limited to {@value #LONGEST_HEADER} bytes per member,
 * and zeros to {@value #LONGEST_ZEROS} bytes at a time, of which each header pays for {@value
 * ShardInput#READ_THROUGH}: as much as may be read on the way to a header.
 */
public final class TarShard {
  static final int LONGEST_HEADER = 1 << 20;
  static final int LONGEST_ZEROS = 1 << 20;

  /** Blocks of zeros that end an archive. */
  private static final int END_BLOCKS = 2;

  /** Instead of where the next header is. */
  private static final long END = -1;

  private final String uri;
  private final ShardInput input;
  private final ListingNotes notes;
  private final Members members;
  private PaxRecords global = PaxRecords.NONE;
  private PaxRecords forNext = PaxRecords.NONE;
  private int extendedBytes;
  private int zeroBytesAllowed = LONGEST_ZEROS;
  private long zeroBlocks;

  /** Whether there was a valid header. */
  private boolean isTar;

  /** Takes what is in a shard, in the order of the offsets. */
  interface Members {
    /**
     * A member that is an image by its name, or what stands for damage.
     *
     * @param problem why it cannot be used; empty if it may
     */
    void image(long offset, long size, String name, String problem) throws IOException;

    /** Another member that is not hidden; all of it is in the shard. */
    void other(long offset, long size, MemberName name) throws IOException, DamagedShardException;
  }

  private TarShard(String uri, ShardInput input, ListingNotes notes, Members members) {
    this.uri = uri;
    this.input = input;
    this.notes = notes;
    this.members = members;
  }

  /**
   * The images of a shard, in the order of their offsets.
   *
   * @param notes takes what is to be told of the shard
   * @throws IOException if it cannot be read
   */
  public static CatalogBuilder index(String uri, ShardInput input, ListingNotes notes)
      throws IOException {
    CatalogBuilder images = new CatalogBuilder();
    walk(
        uri,
        input,
        notes,
        new Members() {
          @Override
          public void image(long offset, long size, String name, String problem)
              throws IOException {
            images.add(uri, offset, size, name, problem);
          }

          @Override
          public void other(long offset, long size, MemberName name) {}
        });
    return images;
  }

  /**
   * Hands over what is in a shard.
   *
   * @param notes takes what is to be told of the shard
   * @throws IOException if it cannot be read
   */
  static void walk(String uri, ShardInput input, ListingNotes notes, Members members)
      throws IOException {
    new TarShard(uri, input, notes, members).walk();
  }

  private void walk() throws IOException {
    long at = 0;
    try {
      if (input.length() == 0) {
        throw new DamagedShardException("it is empty");
      }
      while (at != END && at < input.length()) {
        byte[] block = block(at);
        at = TarHeader.isZero(block) ? behindZeros(at) : member(at, header(at, block));
      }
      if (at != END && zeroBlocks == 0) {
        notes.add(Kind.NO_END, uri);
      }
    } catch (DamagedShardException e) {
      damaged(at, e.getMessage());
    }
  }

  /** What follows the end of an archive need not be one. */
  private void damaged(long at, String how) throws IOException {
    if (zeroBlocks >= END_BLOCKS) {
      notes.add(Kind.BEHIND_END, uri);
      return;
    }
    String problem =
        at == 0 && !isTar
            ? "not a tar shard: " + hint().orElse(how)
            : String.format(
                Locale.ROOT,
                "the shard is damaged at byte %d (nothing from there on is used): %s",
                at,
                how);
    // Where the content of a member would be: behind that of an empty member before it.
    members.image(at + TarHeader.BLOCK, 0, "", problem);
  }

  /** What it is instead, by how it begins. */
  private Optional<String> hint() throws IOException {
    try {
      return ArchiveFormat.hint(input.read(0, (int) Math.min(TarHeader.BLOCK, input.length())));
    } catch (DamagedShardException e) {
      return Optional.empty(); // it has become shorter meanwhile
    }
  }

  /** A block; what is missing at the end of the shard is zero. */
  private byte[] block(long at) throws IOException, DamagedShardException {
    int left = (int) Math.min(TarHeader.BLOCK, input.length() - at);
    byte[] block = input.read(at, left);
    return left == TarHeader.BLOCK ? block : Arrays.copyOf(block, TarHeader.BLOCK);
  }

  private TarHeader header(long at, byte[] block) throws DamagedShardException {
    if (input.length() - at < TarHeader.BLOCK) {
      throw new DamagedShardException("it ends within a block");
    }
    TarHeader header = TarHeader.parse(block);
    isTar = true;
    zeroBlocks = 0;
    zeroBytesAllowed = Math.min(LONGEST_ZEROS, zeroBytesAllowed + ShardInput.READ_THROUGH);
    return header;
  }

  /** An end, behind which another archive may begin, or a block that somebody lost. */
  private long behindZeros(long start) throws IOException, DamagedShardException {
    global = PaxRecords.NONE;
    forNext = PaxRecords.NONE;
    extendedBytes = 0;
    long at = start;
    for (; at < input.length() && TarHeader.isZero(block(at)); at += TarHeader.BLOCK) {
      if (zeroBytesAllowed <= 0) {
        notes.add(Kind.ZEROS, uri);
        return END;
      }
      zeroBytesAllowed -= TarHeader.BLOCK;
      zeroBlocks++;
    }
    return at;
  }

  /** Takes note of what a header describes; returns where the next one is. */
  private long member(long at, TarHeader header) throws IOException, DamagedShardException {
    long content = at + TarHeader.BLOCK;
    switch (header.type()) {
      case 'x', 'X' -> forNext = forNext.with(extended(content, header));
      case 'g' -> global = global.with(extended(content, header));
      case 'L' -> forNext = forNext.withName(MemberName.ofGnu(extended(content, header)));
      case 'K' -> requireExtended(content, header); // The name of a link's target.
      default -> {
        return file(content, header);
      }
    }
    return behind(content, header.size());
  }

  private long file(long start, TarHeader header) throws IOException, DamagedShardException {
    PaxRecords changes = forNext;
    forNext = PaxRecords.NONE;
    extendedBytes = 0;
    long size = header.contentBytes();
    if (size > 0 || header.isFile()) {
      size = changes.size() >= 0 ? changes.size() : global.size() >= 0 ? global.size() : size;
    }
    long content = header.type() == 'S' ? behindSparseMap(start, header) : start;
    boolean whole = size <= input.length() - content;
    MemberName name = name(changes, header);
    boolean image = name.image() && header.type() != '5';
    if (image && name.hidden()) {
      notes.add(Kind.HIDDEN, uri + "!/" + name.shown());
    } else if (image) {
      boolean sparse = changes.sparse() || global.sparse();
      String problem = "";
      if (sparse || !header.isFile()) {
        problem = "the member of the shard is " + (sparse ? "a sparse file" : header.typeName());
      } else if (!whole) {
        problem =
            String.format(
                Locale.ROOT,
                "the shard is damaged: it ends %d bytes before this member does",
                size - (input.length() - content));
      }
      members.image(content, size, name.shown(), problem);
      return whole ? behind(content, size) : END;
    }
    if (!whole) {
      throw new DamagedShardException(
          String.format(
              Locale.ROOT,
              "it ends %d bytes before a member does",
              size - (input.length() - content)));
    }
    if (header.isFile() && !name.hidden()) {
      members.other(content, size, name);
    }
    return behind(content, size);
  }

  private MemberName name(PaxRecords changes, TarHeader header) {
    if (changes.name() != null) {
      return changes.name();
    }
    return global.name() != null ? global.name() : MemberName.of(header.name());
  }

  /** Old GNU sparse files have more of their map in blocks between header and content. */
  private long behindSparseMap(long start, TarHeader header)
      throws IOException, DamagedShardException {
    long content = start;
    for (boolean more = header.extended(); more; content += TarHeader.BLOCK) {
      if (content - start >= LONGEST_HEADER) {
        throw new DamagedShardException(
            String.format(
                Locale.ROOT, "the map of a sparse file has more than %d bytes", LONGEST_HEADER));
      }
      if (content >= input.length()) {
        throw new DamagedShardException("it ends within the map of a sparse file");
      }
      more = block(content)[504] != 0;
    }
    return content;
  }

  private byte[] extended(long content, TarHeader header)
      throws IOException, DamagedShardException {
    requireExtended(content, header);
    return input.read(content, (int) header.size());
  }

  private void requireExtended(long content, TarHeader header) throws DamagedShardException {
    if (header.size() > LONGEST_HEADER - extendedBytes) {
      throw new DamagedShardException(
          String.format(
              Locale.ROOT,
              "an extended header has %d bytes (allowed: up to %d)",
              header.size(),
              LONGEST_HEADER - extendedBytes));
    }
    extendedBytes += (int) header.size();
    if (header.size() > input.length() - content) {
      throw new DamagedShardException("it ends within an extended header");
    }
  }

  /** Where the block behind some content begins; the content is within the shard. */
  private static long behind(long content, long size) {
    return content + (size + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK;
  }
}
