package io.simmim.pipeline.run.lease;

import io.simmim.pipeline.sink.WriterLock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads and writes a lease. With its end the lock of the operating system goes,
 * and not before: a write that is under way would come after those of the next holder.
 */
final class LeaseThread extends ScheduledThreadPoolExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseThread.class);

  private final Optional<WriterLock> lock;

  LeaseThread(Optional<WriterLock> lock) {
    super(
        1,
        task -> {
          Thread daemon = new Thread(task, "simmim-lease");
          daemon.setDaemon(true);
          return daemon;
        });
    setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.lock = lock;
  }

  @Override
  protected void terminated() {
    try {
      if (lock.isPresent()) {
        lock.get().close();
      }
    } catch (IOException e) {
      LOG.debug("The system lets the lock go when the process ends", e);
    }
  }
}
