package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.sqs.MessageKeeper;
import io.simmim.operators.sqs.SqsConnection;
import io.simmim.operators.sqs.SqsFailure;
import io.simmim.operators.sqs.SqsMessage;
import io.simmim.operators.sqs.SqsQueue;
import io.simmim.schemas.UserError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * S3 notifications from a queue of SQS, which hands messages out in any order, and some of them
 * twice.
 *
 * <ol>
 *   <li>A poll waits for messages in whole seconds, and takes some more if many wait. They are
 *       hidden from others from then on, and stay so ({@link MessageKeeper}).
 *   <li>When a checkpoint is complete whose log has what they tell, they are deleted ({@link
 *       #durable}). So are messages that cannot be read, which are counted. Nothing of them is in
 *       the checkpoint: whoever restarts gets again what was not deleted, and knows most of it.
 *   <li>While {@link #MAX_IN_FLIGHT} messages wait for a checkpoint, polls find nothing.
 *   <li>A server that is away, or overloaded, is waited for: polls find nothing.
 *   <li>A queue that does not exist, or may not be read, ends the feed: at once if it was never
 *       read before, else after {@link #PATIENCE}. That it was read is the only thing that a
 *       checkpoint knows, as an offset ({@link #READ}).
 * </ol>
 *
 * <p>Confined to one thread at a time, but for {@link #durable}.
 */
public final class SqsFeed implements ArrivalFeed {
  /** In place of offsets, which queues do not have. */
  static final Map<Integer, Long> READ = Map.of(0, 0L);

  /** SQS hands out 120,000; a sixth takes some 10 MB of heap. */
  static final int MAX_IN_FLIGHT = 20_000;

  /** A message may hold thousands of records, and all of a poll are in memory together. */
  private static final int MAX_MESSAGES_PER_POLL = 100;

  /** How long a message stays hidden when its reader is killed. */
  private static final Duration HIDDEN = Duration.ofMinutes(2);

  /** A dead-letter queue that takes messages after fewer receptions takes them from a run soon. */
  private static final int FEW_RECEPTIONS = 10;

  /** How long what may pass is waited for. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(SqsFeed.class);

  private final SqsQueue queue;
  private final Duration hidden;
  private final int maxInFlight;
  private final S3Notifications notifications;
  private final SqsConnection connection;
  private final MessageKeeper keeper;
  private final Patience patience;
  private long polls;
  private boolean wasRead;
  private boolean readTold;
  private boolean deadLettersLookedFor;
  private boolean disconnected;
  private boolean full;

  /**
   * Makes a client without contacting any server.
   *
   * @param wasRead whether the queue was read before this feed began
   * @param notifications reads what messages tell
   */
  public SqsFeed(SqsQueue queue, boolean wasRead, S3Notifications notifications) {
    this(queue, wasRead, notifications, HIDDEN, PATIENCE, MAX_IN_FLIGHT);
  }

  SqsFeed(
      SqsQueue queue,
      boolean wasRead,
      S3Notifications notifications,
      Duration hidden,
      Duration patience,
      int maxInFlight) {
    this.queue = queue;
    this.wasRead = wasRead;
    this.notifications = notifications;
    this.hidden = hidden;
    this.maxInFlight = maxInFlight;
    this.patience = new Patience(patience);
    this.connection = new SqsConnection(queue);
    this.keeper = new MessageKeeper(queue, connection, hidden);
  }

  @Override
  public ArrivalBatch poll(Duration timeout) throws InterruptedException {
    polls++;
    Optional<UserError> refused = keeper.trouble();
    if (refused.isPresent()) {
      waitOrEnd(refused.get());
    }
    noteRoom();
    if (full) {
      Thread.sleep(timeout.toMillis());
      return ArrivalBatch.EMPTY;
    }
    Findings findings = new Findings();
    try {
      receive(timeout, findings);
      noteReached(refused.isEmpty());
      lookForDeadLetters();
    } catch (AbortedException e) {
      Thread.interrupted(); // set again by the client; the exception says it
      throw (InterruptedException)
          new InterruptedException("interrupted while reading " + queue).initCause(e);
    } catch (SdkException e) {
      if (SqsFailure.isAway(queue, e)) {
        disconnected(SqsFailure.oneLine(e));
      } else {
        waitOrEnd(SqsFailure.refused("receive", queue, e));
      }
      Thread.sleep(timeout.toMillis()); // some failures come at once
    }
    if (wasRead && !readTold) {
      readTold = true;
      READ.forEach(findings::move);
    }
    return findings.batch();
  }

  /** Asks again while there seems to be more, for a request brings few. */
  private void receive(Duration timeout, Findings findings) {
    int wait =
        Math.toIntExact(
            Math.min(timeout.plusMillis(999).toSeconds(), SqsConnection.MAX_WAIT_SECONDS));
    int messages = 0;
    int found;
    do {
      long nanos = System.nanoTime();
      List<SqsMessage> received = connection.receive(messages == 0 ? wait : 0, hidden);
      for (SqsMessage message : received) {
        keeper.received(polls, message, nanos);
        findings.add(parse(message));
      }
      found = received.size();
      messages += found;
    } while (found == SqsConnection.BATCH
        && messages < MAX_MESSAGES_PER_POLL
        && keeper.size() < maxInFlight);
  }

  private ArrivalBatch parse(SqsMessage message) {
    String origin = queue.name() + "/" + message.id();
    byte[] body = message.body() == null ? null : message.body().getBytes(StandardCharsets.UTF_8);
    return notifications.parse(body, origin);
  }

  private void noteRoom() {
    boolean isFull = keeper.size() >= maxInFlight;
    if (isFull && !full) {
      LOG.warn(
          "{} messages of {} wait for a checkpoint to be complete; no more are taken until then",
          keeper.size(),
          queue);
    }
    full = isFull;
  }

  private void noteReached(boolean withoutTrouble) {
    if (disconnected) {
      LOG.info("{} is back", queue);
    }
    disconnected = false;
    wasRead = true;
    if (withoutTrouble) {
      patience.renew();
    }
  }

  private void lookForDeadLetters() {
    if (deadLettersLookedFor) {
      return;
    }
    try {
      deadLetterWarning(queue, connection.mostReceptions()).ifPresent(LOG::warn);
    } catch (AwsServiceException e) { // what is read need not be described
      LOG.debug("{} does not tell of its dead-letter queue", queue, e);
    }
    deadLettersLookedFor = true;
  }

  /** What there is to tell of how often a message is received before it goes elsewhere. */
  static Optional<String> deadLetterWarning(SqsQueue queue, OptionalInt mostReceptions) {
    return mostReceptions.isEmpty() || mostReceptions.getAsInt() >= FEW_RECEPTIONS
        ? Optional.empty()
        : Optional.of(
            "%s gives messages to a dead-letter queue after %d receptions, and each kill of a run is one (maxReceiveCount should be %d or more)"
                .formatted(queue, mostReceptions.getAsInt(), FEW_RECEPTIONS));
  }

  private void disconnected(String reason) {
    if (!disconnected) {
      LOG.warn("{} cannot be reached, waiting for it: {}", queue, reason);
    }
    disconnected = true;
  }

  /** Waits for what may pass, if the queue was read before and for some time. */
  private void waitOrEnd(UserError trouble) {
    boolean isNews = !patience.isTried();
    if (!wasRead || patience.ends(System.nanoTime())) {
      throw trouble;
    }
    if (isNews) {
      LOG.warn("{}; this may pass and is waited for, {} at most", trouble.getMessage(), patience);
    }
  }

  @Override
  public void durable(long durablePolls) {
    keeper.durable(durablePolls);
  }

  /** Called by the polling thread. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // or nobody would wait for the last messages
    try {
      keeper.close();
      connection.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
