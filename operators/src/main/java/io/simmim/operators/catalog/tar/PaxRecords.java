package io.simmim.operators.catalog.tar;

import java.nio.charset.StandardCharsets;

/**
 * What extended headers change of the header they precede: records {@code LENGTH KEY=VALUE\n} of
 * POSIX pax, of which only name, size and sparseness matter here.
 *
 * @param name replaces the name; null if it does not
 * @param size replaces the size; -1 if it does not
 * @param sparse whether the content is a sparse file of GNU tar
 */
record PaxRecords(MemberName name, long size, boolean sparse) {
  static final PaxRecords NONE = new PaxRecords(null, -1, false);

  /** Digits of the largest length that is accepted. */
  private static final int LENGTH_DIGITS = 7;

  /** Digits of the largest size there is. */
  private static final int SIZE_DIGITS = 19;

  /** Characters of a key that are looked at: more than any that matters has. */
  private static final int LONGEST_KEY = 32;

  PaxRecords withName(MemberName longName) {
    return new PaxRecords(longName, size, sparse);
  }

  /**
   * These records and on top of them those of a header.
   *
   * @throws DamagedShardException if they are not valid
   */
  PaxRecords with(byte[] content) throws DamagedShardException {
    Values values = new Values(this);
    int at = 0;
    // Some writers fill up with zeros.
    while (at < content.length && content[at] != 0) {
      int space = indexOf(content, at, content.length, ' ');
      int end = at + length(content, at, space);
      int equals = space < 0 ? -1 : indexOf(content, space + 1, Math.min(end, content.length), '=');
      if (end > content.length || equals < 0 || content[end - 1] != '\n') {
        throw invalid();
      }
      String key = text(content, space + 1, Math.min(equals, space + 1 + LONGEST_KEY));
      values.take(key, content, equals + 1, end - 1);
      at = end;
    }
    return values.records(content);
  }

  /** What a header says so far: of several records with one key the last one holds. */
  private static final class Values {
    private final PaxRecords before;
    private long size;
    private boolean sparse;

    /** Where the name is; behind its end as long as there is none. */
    private int nameFrom;

    private int nameTo = -1;

    Values(PaxRecords before) {
      this.before = before;
      this.size = before.size;
      this.sparse = before.sparse;
    }

    /** Takes over what matters; other values may be long and are not looked at. */
    void take(String key, byte[] content, int from, int to) throws DamagedShardException {
      switch (key) {
        case "path" -> takeName(from, to);
        case "GNU.sparse.name" -> {
          takeName(from, to);
          sparse = true;
        }
        case "size" -> size = from == to ? -1 : size(content, from, to);
        default -> sparse |= key.startsWith("GNU.sparse.");
      }
    }

    private void takeName(int from, int to) {
      nameFrom = from;
      nameTo = to;
    }

    /** An empty value takes an earlier one back. */
    PaxRecords records(byte[] content) {
      if (nameTo < nameFrom) {
        return new PaxRecords(before.name, size, sparse);
      }
      return new PaxRecords(
          nameFrom == nameTo ? null : MemberName.of(text(content, nameFrom, nameTo)), size, sparse);
    }
  }

  private static long size(byte[] content, int from, int to) throws DamagedShardException {
    try {
      long size = Long.parseLong(to - from > SIZE_DIGITS ? "" : text(content, from, to));
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      throw new DamagedShardException("the size in an extended header is not a number");
    }
    throw new DamagedShardException("the size in an extended header is negative");
  }

  private static int length(byte[] content, int at, int space) throws DamagedShardException {
    if (space <= at || space - at > LENGTH_DIGITS) {
      throw invalid();
    }
    int length = 0;
    for (int i = at; i < space; i++) {
      if (content[i] < '0' || content[i] > '9') {
        throw invalid();
      }
      length = 10 * length + content[i] - '0';
    }
    if (length <= space - at) {
      throw invalid();
    }
    return length;
  }

  private static int indexOf(byte[] content, int from, int to, char wanted) {
    for (int i = from; i < to; i++) {
      if (content[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static String text(byte[] content, int from, int to) {
    return new String(content, from, to - from, StandardCharsets.UTF_8);
  }

  private static DamagedShardException invalid() {
    return new DamagedShardException("an extended header is not valid");
  }
}
