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
    trouble.ended(at(Duration.ofSeconds(40)));
    trouble.met(Kind.EMPTY, "empty", at(Duration.ofSeconds(50)));
    trouble.ended(at(Duration.ofSeconds(55)));
    trouble.met(Kind.EMPTY, "empty", at(Duration.ofSeconds(3655)));

    assertThat(told)
        .containsExactly(
            "refused", "empty", "s3://photos/train is listed again, after 40 s", "empty");
  }

  @Test
  void tellsWithinAnHourThatALongOutageHasBegunAgain() {
    Duration time = Duration.ZERO;
    do {
      told.clear();
      time = time.plusMinutes(1);
      trouble.met(Kind.FAILED, "refused", at(time));
    } while (time.toDays() < 3 || told.isEmpty());
    trouble.ended(at(time));
    told.clear();
    trouble.met(Kind.FAILED, "again", at(time.plusMinutes(1)));
    assertThat(told).isEmpty();

    trouble.met(Kind.FAILED, "still", at(time.plusMinutes(61)));

    assertThat(told).singleElement().asString().startsWith("still (for ");
  }

  @Test
  void tellsOfStorageThatComesAndGoesInSomeLines() {
    for (Duration time = Duration.ZERO; time.compareTo(WEEK) < 0; time = time.plusMinutes(3)) {
      trouble.met(Kind.FAILED, "refused", at(time));
      trouble.met(Kind.EMPTY, "empty", at(time.plusMinutes(1)));
      trouble.ended(at(time.plusMinutes(2)));
    }

    assertThat(told)
        .hasSizeBetween(20, 2 * 7 * 24 + 20)
        .endsWith("s3://photos/train is listed again, after 2 min 00 s");
  }
}
