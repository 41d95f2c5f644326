package io.simmim.operators.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Finds the images in one tar shard by reading headers only. Names are never used as paths. Files
 * that are no images are skipped; an image that is a link, sparse or incomplete gets an entry that
 * says so; and where a shard stops being a valid tar, one entry says where and why. What comes
 * before the damage is used, nothing behind it: there is no telling where the next header is.
 *
 * <p>Sizes come from the archive and are not to be trusted: they are compared with the shard's
 * length, and headers that must be read whole are limited to {@value #LONGEST_HEADER} bytes.
 */
final class TarShard {
  static final int LONGEST_HEADER = 1 << 20;

  /** Names are for messages: what is longer is cut. */
  static final int LONGEST_NAME = 400;

  /** Instead of where the next header is. */
  private static final long END = -1;

  private final String uri;
  private final ShardInput input;
  private final CatalogBuilder images = new CatalogBuilder();
  private PaxRecords global = PaxRecords.NONE;
  private PaxRecords forNext = PaxRecords.NONE;

  private TarShard(String uri, ShardInput input) {
    this.uri = uri;
    this.input = input;
  }

  /**
   * The images of a shard, in the order of their offsets.
   *
   * @throws IOException if it cannot be read
   */
  static CatalogBuilder index(String uri, ShardInput input) throws IOException {
    TarShard shard = new TarShard(uri, input);
    shard.walk();
    return shard.images;
  }

  private void walk() throws IOException {
    long at = 0;
    try {
      while (at != END) {
        byte[] block = block(at);
        at = TarHeader.isZero(block) ? END : member(at, TarHeader.parse(block));
      }
    } catch (DamagedShardException e) {
      String problem =
          at == 0
              ? "not a tar shard: " + e.getMessage()
              : "the shard is damaged at byte %d (nothing from there on is used): %s"
                  .formatted(at, e.getMessage());
      // Where the content of a member would be: behind that of an empty member before it.
      images.add(uri, at + TarHeader.BLOCK, 0, "", problem);
    }
  }

  private byte[] block(long at) throws IOException, DamagedShardException {
    if (input.length() == 0) {
      throw new DamagedShardException("it is empty");
    }
    if (at == input.length()) {
      throw new DamagedShardException("it ends without the mark of a tar's end");
    }
    if (at > input.length() - TarHeader.BLOCK) {
      throw new DamagedShardException("it ends within a block");
    }
    return input.read(at, TarHeader.BLOCK);
  }

  /** Takes note of what a header describes; returns where the next one is. */
  private long member(long at, TarHeader header) throws IOException, DamagedShardException {
    long content = at + TarHeader.BLOCK;
    switch (header.type()) {
      case 'x', 'X' -> forNext = forNext.with(extended(content, header));
      case 'g' -> global = global.with(extended(content, header));
      case 'L' -> forNext = forNext.withName(longName(extended(content, header)));
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
    String name = first(changes.name(), global.name(), header.name());
    long size = header.contentBytes();
    if (size > 0 || header.isFile()) {
      size = changes.size() >= 0 ? changes.size() : global.size() >= 0 ? global.size() : size;
    }
    long content = header.type() == 'S' ? behindSparseMap(start, header) : start;
    boolean whole = size <= input.length() - content;
    if (ImageNames.isJpeg(name) && header.type() != '5') {
      boolean sparse = changes.sparse() || global.sparse();
      String problem = "";
      if (sparse || !header.isFile()) {
        problem = "the member of the shard is " + (sparse ? "a sparse file" : header.typeName());
      } else if (!whole) {
        problem =
            "the shard is damaged: it ends %d bytes before this member does"
                .formatted(size - (input.length() - content));
      }
      images.add(uri, content, size, shortened(name), problem);
      return whole ? behind(content, size) : END;
    }
    if (!whole) {
      throw new DamagedShardException(
          "it ends %d bytes before a member does".formatted(size - (input.length() - content)));
    }
    return behind(content, size);
  }

  /** Old GNU sparse files have more of their map in blocks between header and content. */
  private long behindSparseMap(long start, TarHeader header)
      throws IOException, DamagedShardException {
    long content = start;
    for (boolean more = header.extended(); more; content += TarHeader.BLOCK) {
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
    if (header.size() > LONGEST_HEADER) {
      throw new DamagedShardException(
          "an extended header has %d bytes (allowed: up to %d)"
              .formatted(header.size(), LONGEST_HEADER));
    }
    if (header.size() > input.length() - content) {
      throw new DamagedShardException("it ends within an extended header");
    }
  }

  private static String longName(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static String first(String... names) {
    for (String name : names) {
      if (name != null) {
        return name;
      }
    }
    throw new IllegalArgumentException("a header always has a name");
  }

  private static String shortened(String name) {
    if (name.codePointCount(0, name.length()) <= LONGEST_NAME) {
      return name;
    }
    return name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME)) + "…";
  }

  /** Where the block behind some content begins; the content is within the shard. */
  private static long behind(long content, long size) {
    return content + (size + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK;
  }
}
