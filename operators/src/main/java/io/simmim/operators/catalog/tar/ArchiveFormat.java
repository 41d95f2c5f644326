package io.simmim.operators.catalog.tar;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What people name .tar although no part of it can be read alone, by its first bytes.
 *
 * @param name for people
 * @param start hexadecimal digits that such files begin with
 */
record ArchiveFormat(String name, String start) {
  private static final List<ArchiveFormat> KNOWN =
      List.of(
          new ArchiveFormat("compressed with gzip", "1f8b"),
          new ArchiveFormat("compressed with zstd", "28b52ffd"),
          new ArchiveFormat("compressed with bzip2", "425a68"),
          new ArchiveFormat("compressed with xz", "fd377a585a00"),
          new ArchiveFormat("compressed with lz4", "04224d18"),
          new ArchiveFormat("compressed with compress", "1f9d"),
          new ArchiveFormat("a zip archive", "504b0304"),
          new ArchiveFormat("a 7z archive", "377abcaf271c"),
          new ArchiveFormat("a rar archive", "526172211a07"));

  /** Says what a file is and what to do, if it is known. */
  static Optional<String> hint(byte[] start) {
    String digits = HexFormat.of().formatHex(start);
    return KNOWN.stream()
        .filter(format -> digits.startsWith(format.start))
        .findFirst()
        .map(format -> String.format(Locale.ROOT, "it is %s: unpack it", format.name));
  }
}
