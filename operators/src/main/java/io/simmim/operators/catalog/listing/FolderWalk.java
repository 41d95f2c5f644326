package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.ImageNames;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.operators.catalog.ListingNotes.Kind;
import io.simmim.schemas.text.PrintableText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.core.fs.Path;

/**
 * Finds images and shards below a folder, in the order of the UTF-8 bytes of their URIs. A folder's
 * children are sorted with a slash behind the names of folders and walked depth first; that is the
 * order of the whole URIs, so nothing but the folders being walked is held in memory, and some that
 * were listed ahead where that is not local.
 *
 * <p>A folder that cannot be read ends the walk: nobody could tell how many images are missing. One
 * that was deleted meanwhile is told and left out, as if the walk had come later.
 */
final class FolderWalk {
  /** Takes what is found, in ascending order; the problem is empty unless it cannot be read. */
  interface Found {
    void add(String uri, long length, String problem) throws IOException;
  }

  /** Characters of a path that is not local: no store has longer ones, but a server may have. */
  private static final int LONGEST_PATH = 8000;

  private final Path root;
  private final FolderLister lister;
  private final Predicate<String> excluded;
  private final ListingNotes notes;
  private final Found found;

  /**
   * @param excluded whether a folder is left out, by its URI with a slash at the end
   */
  FolderWalk(
      Path root, FolderLister lister, Predicate<String> excluded, ListingNotes notes, Found found) {
    this.root = root;
    this.lister = lister;
    this.excluded = excluded;
    this.notes = notes;
    this.found = found;
  }

  /**
   * Walks through everything.
   *
   * @param concurrency folders listed at once, where they are not local
   * @throws io.simmim.schemas.UserError if a folder cannot be listed
   */
  void run(int concurrency) throws IOException {
    if (FolderLister.isLocal(root)) {
      walk(lister);
      return;
    }
    try (ListingAhead ahead = new ListingAhead(root, lister, excluded, concurrency)) {
      walk(ahead);
    }
  }

  /** Without recursion: paths may have thousands of folders. */
  private void walk(FolderLister listing) throws IOException {
    Deque<Level> open = new ArrayDeque<>();
    open.push(enter(root, listing));
    while (!open.isEmpty()) {
      Level level = open.peek();
      if (!level.children.hasNext()) {
        open.pop();
        continue;
      }
      FolderLister.Child child = level.children.next();
      String uri = level.prefix + child.name();
      boolean input = ImageNames.isImage(child.name()) || ImageNames.isShard(child.name());
      if (child.hidden()) {
        if (child.folder() || input) {
          notes.add(Kind.HIDDEN, uri);
        }
      } else if (child.folder() && child.problem().isEmpty()) {
        open.push(enter(new Path(uri), listing));
      } else if (child.folder() || input) {
        found.add(child.folder() ? uri + "/" : uri, child.length(), child.problem());
      } else if (ImageNames.isArchive(child.name())) {
        notes.add(Kind.ARCHIVE, uri);
      }
    }
  }

  private Level enter(Path folder, FolderLister listing) throws IOException {
    String prefix = FolderLister.prefix(folder);
    if (prefix.length() > LONGEST_PATH && !FolderLister.isLocal(root)) {
      throw new IOException(
          "there are folders in folders without end below %s (allowed: paths of up to %d characters)"
              .formatted(PrintableText.of(root.toString()), LONGEST_PATH));
    }
    List<FolderLister.Child> children = excluded.test(prefix) ? List.of() : list(folder, listing);
    return new Level(prefix, children.iterator());
  }

  private List<FolderLister.Child> list(Path folder, FolderLister listing) {
    try {
      List<FolderLister.Child> children = listing.children(folder);
      children.sort(FolderLister.Child.ORDER);
      return children;
    } catch (FileSystemLoopException e) {
      notes.add(Kind.LINK_BACK, folder.toString());
    } catch (IOException e) {
      if (!isDeleted(folder, e)) {
        throw InputRoot.unreadable(folder, e);
      }
      notes.add(Kind.VANISHED, folder.toString());
    }
    return List.of();
  }

  /** The folder above must still hold something: a disk that was taken away leaves an empty one. */
  private boolean isDeleted(Path folder, IOException failure) {
    boolean gone =
        failure instanceof NoSuchFileException || failure instanceof FileNotFoundException;
    if (!gone || folder.equals(root)) {
      return false;
    }
    try {
      return !lister.children(folder.getParent()).isEmpty();
    } catch (IOException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  /** A folder that the walk is in. */
  private record Level(String prefix, Iterator<FolderLister.Child> children) {}
}
