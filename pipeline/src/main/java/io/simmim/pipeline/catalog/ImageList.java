package io.simmim.pipeline.catalog;

import java.io.PrintWriter;

/** The images of a run. */
public interface ImageList {
  /**
   * Prints a line per image.
   *
   * @param most lines at most
   */
  void list(PrintWriter out, long most);

  /** Prints how many there are of what. */
  void count(PrintWriter out);

  /**
   * Checks what is stored; that it could be read at all is checked before.
   *
   * @param out for a line that says what was found to be right
   */
  void verify(PrintWriter out);
}
