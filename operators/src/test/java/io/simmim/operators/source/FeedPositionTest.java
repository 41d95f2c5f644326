package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.ArrivalFeed;
import io.simmim.operators.arrival.feed.EventFeedConfig;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.split.ChunkSplit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.junit.jupiter.api.Test;

class FeedPositionTest extends ArrivingImagesCase {
  @Test
  void isStoredAndGivenToTheNextFeed() throws Exception {
    ToldOnce events = new ToldOnce();
    ArrivalSourceConfig plain = config(null, null, WhenIdle.WAIT);
    ChunkSource source =
        source(
            new ArrivalSourceConfig(
                plain.inputs(),
                plain.excludedFolders(),
                plain.logFolder(),
                plain.seed(),
                plain.replayShare(),
                null,
                events,
                WhenIdle.WAIT,
                1000),
            PLAN);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source);
    await()
        .pollInSameThread()
        .until(
            () -> {
              context.runCoordinatorCalls();
              return !images(before.snapshotState(1)).offsets().isEmpty();
            });
    ChunkEnumeratorState state = checkpoint(before, 2);
    restore(source, state);

    assertThat(images(state).topic()).isEqualTo(TOPIC + "#id");
    assertThat(events.opened)
        .containsExactly(FeedPosition.NONE, new FeedPosition("id", Map.of(0, 5L)));
  }

  /** A feed that finds where it is, and nothing more. */
  private static final class ToldOnce implements EventFeedConfig, ArrivalFeed {
    private static final long serialVersionUID = 1;

    private final transient List<FeedPosition> opened = new ArrayList<>();
    private transient boolean told;

    @Override
    public String source() {
      return TOPIC;
    }

    @Override
    public boolean continues(String source) {
      return false;
    }

    @Override
    public ArrivalFeed open(FeedPosition position, S3Notifications notifications) {
      opened.add(position);
      return this;
    }

    @Override
    public ArrivalBatch poll(Duration timeout) throws InterruptedException {
      if (told) {
        Thread.sleep(timeout.toMillis());
        return ArrivalBatch.EMPTY;
      }
      told = true;
      return new ArrivalBatch(List.of(), Map.of(0, 5L), Map.of(), "id");
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
