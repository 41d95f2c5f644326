package io.simmim.operators.arrival.log;

import java.util.Arrays;

/**
 * Which images of a log are gone, and from which chunk on: 8 bytes for each, in pages that are made
 * when the first of their images goes. What a folder or a rule deletes came about at the same time,
 * so whole pages go, and searches step over them.
 *
 * <p>Not thread-safe.
 */
final class Deletions {
  private static final int PAGE_BITS = 10;
  private static final int PAGE = 1 << PAGE_BITS;

  /** An image that is not gone is so from a chunk on that never comes. */
  private static final long NEVER = Long.MAX_VALUE;

  private Page[] pages = new Page[16];
  private long count;
  private int pagesMade;

  private static final class Page {
    private final long[] from = new long[PAGE];
    private int count;
    private long last;

    Page() {
      Arrays.fill(from, NEVER);
    }
  }

  /**
   * Notes that an image is gone.
   *
   * @param chunk the first chunk that must not have it
   * @return false if it was gone before
   */
  boolean add(long id, long chunk) {
    int number = Math.toIntExact(id >>> PAGE_BITS);
    if (number >= pages.length) {
      pages = Arrays.copyOf(pages, number + number / 2 + 1);
    }
    if (pages[number] == null) {
      pages[number] = new Page();
      pagesMade++;
    }
    Page page = pages[number];
    int place = (int) (id & (PAGE - 1));
    if (page.from[place] != NEVER) {
      return false;
    }
    page.from[place] = chunk;
    page.last = Math.max(page.last, chunk);
    page.count++;
    count++;
    return true;
  }

  /** Whether an image is gone when a chunk is planned. */
  boolean contains(long id, long chunk) {
    Page page = page(id);
    return page != null && page.from[(int) (id & (PAGE - 1))] <= chunk;
  }

  /** The first image from one on that is not gone when a chunk is planned. */
  long nextPresent(long from, long chunk) {
    long id = from;
    while (true) {
      Page page = page(id);
      if (page == null) {
        return id;
      }
      boolean whole = page.count == PAGE && page.last <= chunk;
      if (!whole && page.from[(int) (id & (PAGE - 1))] > chunk) {
        return id;
      }
      id = whole ? ((id >>> PAGE_BITS) + 1) << PAGE_BITS : id + 1;
    }
  }

  private Page page(long id) {
    long number = id >>> PAGE_BITS;
    return number < pages.length ? pages[(int) number] : null;
  }

  /** Number of images that are gone. */
  long count() {
    return count;
  }

  long memoryBytes() {
    return 8L * PAGE * pagesMade + 8L * pages.length;
  }
}
