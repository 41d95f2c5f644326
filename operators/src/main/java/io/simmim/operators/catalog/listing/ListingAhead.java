package io.simmim.operators.catalog.listing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.apache.flink.core.fs.Path;

/**
 * Lists folders ahead of a walk through them, several at once: an object store takes some time for
 * each request, and Flink's file systems have no listing of everything below a folder. The walk
 * asks for each folder once, depth first and in the order of {@link FolderLister.Child#ORDER};
 * daemon threads list the folders that come next in that order.
 *
 * <p>Ahead of the walk are at most {@value #FOLDERS_PER_THREAD} folders per thread, and none is
 * begun while they hold {@value #MOST_CHILDREN} children; the folder that is next is exempt.
 *
 * <p>Used by one thread. Closing it interrupts what is still being listed.
 */
final class ListingAhead implements FolderLister, AutoCloseable {
  static final int FOLDERS_PER_THREAD = 4;

  /** Some 20 MB. */
  static final int MOST_CHILDREN = 100_000;

  private final FolderLister lister;
  private final Predicate<String> excluded;
  private final int concurrency;
  private final List<Thread> threads = new ArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Folder first;
  private int begun;
  private int childrenHeld;
  private boolean closed;

  /**
   * @param root where the walk begins
   * @param lister called by several threads at once
   * @param excluded whether the walk leaves out a folder, by its URI with a slash at the end
   * @param concurrency folders listed at once
   */
  ListingAhead(Path root, FolderLister lister, Predicate<String> excluded, int concurrency) {
    this.lister = lister;
    this.excluded = excluded;
    this.concurrency = concurrency;
    this.first =
        excluded.test(FolderLister.prefix(root)) ? null : new Folder(root.toString(), null);
    startThreads(1);
  }

  /**
   * @throws IOException of the listing, as if it happened now
   */
  @Override
  public List<Child> children(Path path) throws IOException {
    lock.lock();
    try {
      Folder folder = first;
      if (folder == null || !folder.uri.equals(path.toString())) {
        throw new IllegalStateException(
            "%s is asked for, %s is next".formatted(path, folder == null ? "nothing" : folder.uri));
      }
      while (!folder.done()) {
        changed.await();
      }
      first = folder.next;
      begun--;
      childrenHeld -= folder.size();
      changed.signalAll();
      return folder.result();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try {
      for (Folder folder = take(); folder != null; folder = take()) {
        List<Child> children = null;
        Throwable failure = null;
        try {
          children = lister.children(new Path(folder.uri));
          children.sort(Child.ORDER);
        } catch (Throwable t) {
          // Belongs to the walk, which comes across it when it is there.
          failure = t;
        }
        finish(folder, children, failure);
      }
    } catch (InterruptedException e) {
      // Only close() interrupts.
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a folder that may be listed; null when there is nothing more to do. */
  private Folder take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Folder next = first;
        while (next != null && next.begun) {
          next = next.next;
        }
        boolean room = begun < FOLDERS_PER_THREAD * concurrency && childrenHeld < MOST_CHILDREN;
        if (next != null && (next == first || room)) {
          next.begun = true;
          begun++;
          return next;
        }
        changed.await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void finish(Folder folder, List<Child> children, Throwable failure) {
    lock.lock();
    try {
      folder.children = children;
      folder.failure = failure;
      childrenHeld += folder.size();
      if (children != null) {
        startThreads(addFolders(folder, children));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The walk goes to the folders in a folder right after it. Returns how many they are. */
  private int addFolders(Folder parent, List<Child> children) {
    String prefix = parent.uri.endsWith("/") ? parent.uri : parent.uri + "/";
    Folder before = parent;
    int added = 0;
    for (Child child : children) {
      String uri = prefix + child.name();
      boolean walked = child.folder() && child.problem().isEmpty() && !child.hidden();
      if (walked && !excluded.test(uri + "/")) {
        before.next = new Folder(uri, before.next);
        before = before.next;
        added++;
      }
    }
    return added;
  }

  private void startThreads(int most) {
    for (int i = 0; i < most && threads.size() < concurrency && !closed; i++) {
      Thread thread = new Thread(this::work, "folder-lister-" + threads.size());
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      threads.forEach(Thread::interrupt);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A folder that the walk has not come to; guarded by the lock. */
  private static final class Folder {
    private final String uri;
    private Folder next;
    private boolean begun;
    private List<Child> children;
    private Throwable failure;

    Folder(String uri, Folder next) {
      this.uri = uri;
      this.next = next;
    }

    boolean done() {
      return children != null || failure != null;
    }

    int size() {
      return children == null ? 0 : children.size();
    }

    List<Child> result() throws IOException {
      if (failure instanceof IOException e) {
        throw e;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      return children;
    }
  }
}
