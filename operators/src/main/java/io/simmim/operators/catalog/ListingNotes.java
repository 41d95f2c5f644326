package io.simmim.operators.catalog;

import io.simmim.schemas.text.PrintableText;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a listing came across that people should know of although nothing is wrong with any image:
 * how often, and the first one of each kind. Not thread-safe.
 */
public final class ListingNotes {
  /** What is told of. */
  public enum Kind {
    HIDDEN("skipped hidden files and folders (named .*, __MACOSX or lost+found)"),
    ARCHIVE(
        "skipped archives, of which no part can be read alone (unpack them; gunzip makes a .tar of"
            + " a .tar.gz)"),
    LINK_BACK("skipped links that lead back to a folder which they are in"),
    VANISHED("skipped folders and shards that were deleted while they were listed"),
    NO_IMAGES("found no image in inputs"),
    NO_END("used shards that lack the mark of a tar's end, and may have been cut there"),
    BEHIND_END("skipped what follows the end of shards and is no tar"),
    ZEROS("skipped what may follow in shards behind 1 MiB of zeros");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private record Note(long count, String first) {}

  private final Map<Kind, Note> notes = new EnumMap<>(Kind.class);

  public void add(Kind kind, String name) {
    add(kind, new Note(1, name));
  }

  /** Adds what was found behind everything here. */
  public void addAll(ListingNotes others) {
    others.notes.forEach(this::add);
  }

  private void add(Kind kind, Note note) {
    notes.merge(kind, note, (a, b) -> new Note(a.count + b.count, a.first));
  }

  /** A line for each kind. */
  public List<String> lines() {
    return notes.entrySet().stream()
        .map(
            note ->
                "%s: %,d, the first is %s"
                    .formatted(
                        note.getKey().text,
                        note.getValue().count,
                        PrintableText.of(note.getValue().first)))
        .toList();
  }
}
