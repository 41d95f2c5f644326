package io.simmim.schemas;

import java.util.AbstractList;

/**
 * The images of a chunk, handed out one after the other, so that not all of their bytes are in
 * memory at once. Asking for one waits for it, and gives up the bytes of those before it: these
 * keep their reference, and their failure if they have one.
 *
 * <p>Used by one thread.
 */
public abstract class ImagesInTurn extends AbstractList<EncodedImage> {
  /** Gives up the bytes of all. Whoever has looked at the last image calls this. */
  public abstract void end();
}
