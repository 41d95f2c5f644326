package io.simmim.operators.arrival;

/**
 * A topic or queue as a checkpoint names it: its URI, and behind a {@code #} what tells a topic
 * from others that had or get its name, if that is known. Older checkpoints have the URI alone.
 *
 * @param uri empty if there is none
 */
public record EventSource(String uri, String id) {
  /** Reads what a checkpoint has. */
  public static EventSource parse(String stored) {
    int mark = stored.indexOf('#'); // in no URI of a topic or queue
    return mark < 0
        ? new EventSource(stored, "")
        : new EventSource(stored.substring(0, mark), stored.substring(mark + 1));
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return id.isEmpty() ? uri : uri + "#" + id;
  }
}
