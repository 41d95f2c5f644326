package io.simmim.operators.arrival;

import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Makes a catalog of images that come in any order; of those at the same place the first counts.
 * They are sorted piece by piece and merged. Pieces are as compact as catalogs, so a million images
 * take some tens of megabytes meanwhile.
 *
 * <p>Not thread-safe.
 */
public final class UnsortedImages {
  static final int PIECE = 1 << 16;

  /** As catalogs are sorted. */
  private static final Comparator<ImageRef> ORDER =
      Comparator.comparing(ImageRef::uri, ListedVersion::compare).thenComparing(ImageRef::offset);

  private final List<Catalog> pieces = new ArrayList<>();
  private List<ImageRef> piece = new ArrayList<>();

  public void add(ImageRef image) throws IOException {
    piece.add(image);
    if (piece.size() == PIECE) {
      sort();
    }
  }

  private void sort() throws IOException {
    piece.sort(ORDER);
    pieces.add(Catalog.of(piece, List.of()));
    piece = new ArrayList<>();
  }

  /** All images; there may be none. */
  public Catalog catalog(List<String> roots) throws IOException {
    sort();
    return Catalog.of(() -> new Merge(pieces), roots);
  }

  private static final class Merge implements Iterator<ImageRef> {
    private final PriorityQueue<Head> heads;

    Merge(List<Catalog> pieces) {
      heads =
          new PriorityQueue<>(
              Comparator.comparing(Head::image, ORDER).thenComparing(Head::pieceNumber));
      for (int number = 0; number < pieces.size(); number++) {
        add(pieces.get(number), number, 0);
      }
    }

    private void add(Catalog piece, int pieceNumber, long id) {
      if (id < piece.size()) {
        heads.add(new Head(piece, pieceNumber, id, piece.ref(id)));
      }
    }

    @Override
    public boolean hasNext() {
      return !heads.isEmpty();
    }

    @Override
    public ImageRef next() {
      Head head = heads.poll();
      if (head == null) {
        throw new NoSuchElementException();
      }
      add(head.piece, head.pieceNumber, head.id + 1);
      return head.image;
    }
  }

  /** The next image of a piece. */
  private record Head(Catalog piece, int pieceNumber, long id, ImageRef image) {}
}
