package io.simmim.operators.sqs;

import io.simmim.schemas.UserError;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Keeps what was received until it may be deleted, on a thread of its own: whoever reads the
 * messages may be busy for hours. Its life:
 *
 * <ol>
 *   <li>A message is noted when it is received. While it is not durable it is hidden from others
 *       again and again, each time that a third of the time has passed for which it is hidden. SQS
 *       does so for twelve hours at most; then it comes again.
 *   <li>When it is durable, it is deleted.
 *   <li>What a server that is away did not do is tried again.
 *   <li>At the end, what is durable is deleted, and what is not is shown to others, so that a run
 *       that is restarted gets it at once. Both for {@link #CLOSE_LIMIT} at most: what is left
 *       comes again later.
 * </ol>
 */
public final class MessageKeeper implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(MessageKeeper.class);
  private static final int HIDDEN_ANEW_PER_TIME = 3;
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

  private final SqsQueue queue;
  private final SqsConnection connection;
  private final Duration hidden;
  private final InFlightMessages messages = new InFlightMessages();
  private final Thread thread;
  private volatile boolean closed;
  private volatile long closeNanos;
  private volatile UserError trouble;
  private volatile Throwable failure;

  /**
   * Starts the thread.
   *
   * @param hidden how long messages are hidden at a time
   */
  public MessageKeeper(SqsQueue queue, SqsConnection connection, Duration hidden) {
    this.queue = queue;
    this.connection = connection;
    this.hidden = hidden;
    this.thread = new Thread(this::run, "sqs-" + queue.name());
    thread.setDaemon(true);
    thread.setContextClassLoader(MessageKeeper.class.getClassLoader());
    thread.start();
  }

  /** How many messages are kept. */
  public int size() {
    return messages.size();
  }

  /**
   * Notes a message that was received.
   *
   * @param poll number of the poll that found it, not below that of any before
   * @param nanos when it was asked for, as {@link System#nanoTime} tells
   */
  public void received(long poll, SqsMessage message, long nanos) {
    messages.received(poll, message, nanos);
  }

  /** What polls up to this one found may be deleted. */
  public void durable(long poll) {
    messages.durable(poll);
  }

  /** What the queue refuses at present, if it is the user who has to mend it. */
  public Optional<UserError> trouble() {
    if (failure != null) {
      throw new IllegalStateException("messages of %s are not kept".formatted(queue), failure);
    }
    return Optional.ofNullable(trouble);
  }

  private void run() {
    try {
      boolean failing = false;
      while (!closed) {
        Thread.sleep((failing ? RETRY : LOOK).toMillis());
        failing = !keep();
      }
      finish();
    } catch (InterruptedException e) {
      LOG.debug("{} ends", thread.getName());
    } catch (Throwable t) { // an OutOfMemoryError must reach the job too
      failure = t;
    }
  }

  /** Returns whether all was done that was to be done. */
  private boolean keep() {
    try {
      deleteDurable(Long.MAX_VALUE);
      long due = System.nanoTime() - hidden.toNanos() / HIDDEN_ANEW_PER_TIME;
      for (List<InFlightMessages.Receipt> batch : batches(messages.hiddenUntil(due))) {
        if (closed) {
          break;
        }
        long nanos = System.nanoTime();
        messages.hidden(done(batch, connection.hide(receipts(batch), hidden)), nanos);
        deleteDurable(SqsConnection.BATCH);
      }
      trouble = null;
      return true;
    } catch (SdkException e) {
      trouble = SqsFailure.isAway(queue, e) ? null : SqsFailure.refused("keep or delete", queue, e);
      LOG.debug("{} cannot be told what becomes of messages", queue, e);
      return false;
    }
  }

  private void deleteDurable(long limit) {
    long deleted = 0;
    while (deleted < limit && !isLate()) {
      List<InFlightMessages.Receipt> batch = messages.toDelete(SqsConnection.BATCH);
      if (batch.isEmpty()) {
        return;
      }
      List<InFlightMessages.Receipt> done = done(batch, connection.delete(receipts(batch)));
      messages.deleted(done);
      deleted += batch.size();
      if (done.isEmpty()) {
        return; // the server answers, and has trouble with them all
      }
    }
  }

  private void finish() {
    try {
      deleteDurable(Long.MAX_VALUE);
      for (List<InFlightMessages.Receipt> batch :
          batches(messages.hiddenUntil(System.nanoTime()))) {
        if (isLate()) {
          break;
        }
        connection.hide(receipts(batch), Duration.ZERO);
      }
    } catch (SdkException e) {
      LOG.debug("{} cannot be told what becomes of messages; they come again", queue, e);
    }
  }

  private boolean isLate() {
    return closed && System.nanoTime() - closeNanos > CLOSE_LIMIT.toNanos();
  }

  private static List<List<InFlightMessages.Receipt>> batches(List<InFlightMessages.Receipt> all) {
    List<List<InFlightMessages.Receipt>> batches = new ArrayList<>();
    for (int i = 0; i < all.size(); i += SqsConnection.BATCH) {
      batches.add(all.subList(i, Math.min(all.size(), i + SqsConnection.BATCH)));
    }
    return batches;
  }

  private static List<String> receipts(List<InFlightMessages.Receipt> batch) {
    return batch.stream().map(InFlightMessages.Receipt::receipt).toList();
  }

  private static List<InFlightMessages.Receipt> done(
      List<InFlightMessages.Receipt> batch, List<Integer> again) {
    List<InFlightMessages.Receipt> done = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (!again.contains(i)) {
        done.add(batch.get(i));
      }
    }
    return done;
  }

  /** Ends the thread, as told above, and waits for it. */
  @Override
  public void close() {
    closeNanos = System.nanoTime();
    closed = true;
    try {
      thread.join(CLOSE_LIMIT.toMillis());
      thread.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
