package io.simmim.pipeline.embed;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What all tasks of a process use together, since each would hold its own otherwise. Thread-safe;
 * the last one that closes it frees it.
 *
 * @param <T> what is shared
 */
final class Shared<T> {
  private final Map<String, Held<T>> held = new HashMap<>();
  private final Consumer<T> free;

  /**
   * @param free is told of what nobody uses any more
   */
  Shared(Consumer<T> free) {
    this.free = free;
  }

  /** Makes what is not there yet. */
  interface Loading<T> {
    T load() throws IOException;
  }

  /** What a task has of it until it closes this. */
  record Use<T>(T value, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  private static final class Held<T> {
    private final T value;
    private int users;

    Held(T value) {
      this.value = value;
    }
  }

  /**
   * Opens it, unless it is open.
   *
   * @param key equal for equal ones
   */
  Use<T> open(String key, Loading<T> loading) throws IOException {
    synchronized (held) {
      Held<T> found = held.get(key);
      if (found == null) {
        found = new Held<>(loading.load());
        held.put(key, found);
      }
      found.users++;
      return new Use<>(found.value, () -> close(key));
    }
  }

  private void close(String key) {
    synchronized (held) {
      Held<T> found = held.get(key);
      if (--found.users == 0) {
        held.remove(key);
        free.accept(found.value);
      }
    }
  }
}
