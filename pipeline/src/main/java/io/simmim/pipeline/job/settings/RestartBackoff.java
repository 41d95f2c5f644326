package io.simmim.pipeline.job.settings;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.RestartStrategyOptions.RestartStrategyType;

/**
 * When a failed job tries again: at once at first, then less and less often, for about an hour. So
 * a storage that is away for a while does not end a run, and a fault that stays is told in the end.
 * Ten minutes without a failure, and the counting begins anew.
 */
public final class RestartBackoff {
  public static final int ATTEMPTS = 20;

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int FACTOR = 2;
  private static final Duration CALM = Duration.ofMinutes(10);

  private int inARow;
  private Duration delay = Duration.ZERO;
  private Instant nextTry = Instant.MIN;

  /** Tells Flink, unless the user has told it something else. */
  public static void configure(ReadableConfig told, Configuration settings) {
    if (told.getOptional(RestartStrategyOptions.RESTART_STRATEGY).isPresent()) {
      return;
    }
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY,
        RestartStrategyType.EXPONENTIAL_DELAY.getMainValue());
    Configuration ours = new Configuration();
    ours.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, FIRST);
    ours.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, LONGEST);
    ours.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER,
        (double) FACTOR);
    ours.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_JITTER_FACTOR, 0.0);
    ours.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, ATTEMPTS);
    ours.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD, CALM);
    told.toMap().keySet().forEach(ours::removeKey);
    settings.addAll(ours);
  }

  /** Whether a job with these settings waits as this class says. */
  public static boolean isIn(ReadableConfig settings) {
    Configuration ours = new Configuration();
    configure(new Configuration(), ours);
    return ours.toMap().equals(restartsOf(settings));
  }

  private static Map<String, String> restartsOf(ReadableConfig settings) {
    Map<String, String> found = new HashMap<>(settings.toMap());
    found.keySet().removeIf(key -> !key.startsWith("restart-strategy."));
    return found;
  }

  /** Counts a failure, as Flink does. */
  public void failed(Instant when) {
    if (!when.isAfter(nextTry)) {
      return; // another task of the same failure
    }
    if (nextTry.equals(Instant.MIN) || when.isAfter(nextTry.plus(CALM))) {
      inARow = 0;
      delay = FIRST;
    } else {
      Duration longer = delay.multipliedBy(FACTOR);
      delay = longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
    }
    inARow++;
    nextTry = when.plus(delay);
  }

  /** Failures without a calm between them. */
  public int inARow() {
    return inARow;
  }

  /** From the last failure to the next try. */
  public Duration delay() {
    return delay;
  }
}
