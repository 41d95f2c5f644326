package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.feed.ListingTrouble.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListingTroubleTest {
  private static final Duration WEEK = Duration.ofDays(7);

  private final List<String> told = new ArrayList<>();
  private final ListingTrouble trouble = new ListingTrouble("s3://photos/train", told::add);

  private static long at(Duration time) {
    return Long.MAX_VALUE - 5 + time.toNanos(); // the clock may overflow
  }

  @Test
  void tellsOfAWeekInSomeLines() {
    Duration time = Duration.ZERO;
    for (; time.compareTo(WEEK) < 0; time = time.plusMinutes(1)) {
      trouble.met(Kind.FAILED, "request %d refused".formatted(time.toMinutes()), at(time));
    }
    trouble.ended(at(time));
    trouble.ended(at(time));

    assertThat(told).hasSizeBetween(10, 20);
    assertThat(told.subList(0, 4))
        .containsExactly(
            "request 0 refused",
            "request 1 refused (for 1 min 00 s now)",
            "request 3 refused (for 3 min 00 s now)",
            "request 7 refused (for 7 min 00 s now)");
    assertThat(told.subList(told.size() - 2, told.size()))
        .satisfiesExactly(
            last -> assertThat(last).contains("(6.").endsWith("days) now)"),
            end ->
                assertThat(end)
                    .isEqualTo("s3://photos/train is listed again, after 168 h (7.0 days)"));
  }

  @Test
  void tellsAtOnceWhatIsOfAnotherKind() {
    trouble.met(Kind.FAILED, "refused", at(Duration.ZERO));
    trouble.met(Kind.EMPTY, "empty", at(Duration.ofSeconds(1)));
    trouble.met(Kind.EMPTY, "empty", at(Duration.ofSeconds(2)));
    trouble.ended(at(Duration.ofSeconds(90)));
    trouble.met(Kind.EMPTY, "empty", at(Duration.ofSeconds(91)));

    assertThat(told)
        .containsExactly(
            "refused", "empty", "s3://photos/train is listed again, after 1 min 30 s", "empty");
  }
}
