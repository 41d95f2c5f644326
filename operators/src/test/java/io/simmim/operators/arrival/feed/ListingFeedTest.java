package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ListedVersion;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListingFeedTest extends ListingFeedCase {
  @Test
  void findsWhatIsThereInRandomOrder() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      names.add("%02d.jpg".formatted(i));
      write("%02d.jpg".formatted(i), "image");
    }
    List<String> found = poll();

    assertThat(found).containsExactlyInAnyOrderElementsOf(names).isNotEqualTo(names);
    assertThat(poll()).isEmpty();
    feed = feed(SHORT);
    assertThat(poll()).isEqualTo(found);
  }

  @Test
  void tellsLengthTimeAndVersion() throws Exception {
    long before = System.currentTimeMillis();
    write("a.jpg", "12345");
    Arrival arrival = feed.poll(SHORT).arrivals().get(0);

    assertThat(arrival)
        .isEqualTo(
            new Arrival(
                Arrival.Kind.CREATED,
                "file:" + input.resolve("a.jpg"),
                5,
                "l:5",
                arrival.eventMillis(),
                "listing"));
    assertThat(arrival.eventMillis()).isBetween(before, System.currentTimeMillis());
    assertThat(ListedVersion.matches(arrival.version())).isTrue();
    assertThat(ListedVersion.matches("v:l:5")).isFalse();
  }

  @Test
  void findsLaterOnlyWhatIsNewOrHasAnotherLength() throws Exception {
    write("b.jpg", "image");
    write("d.jpg", "image");
    write("sub/x.jpg", "image");
    write("notes.txt", "no image");
    write("run/model/y.jpg", "the run's own");
    assertThat(poll()).containsExactlyInAnyOrder("b.jpg", "d.jpg", "sub/x.jpg");
    assertThat(poll()).isEmpty();
    write("a.jpg", "image");
    write("c.jpg", "image");
    write("d.jpg", "another");
    write("sub/z.jpg", "image");
    Files.delete(input.resolve("b.jpg"));

    assertThat(poll())
        .startsWith("-b.jpg")
        .containsExactlyInAnyOrder("-b.jpg", "a.jpg", "c.jpg", "d.jpg", "sub/z.jpg");
    assertThat(poll()).isEmpty();
    write("b.jpg", "image");
    assertThat(poll()).containsExactly("b.jpg");
  }

  @Test
  void takesAShardForOneObject() throws Exception {
    write("a.tar", "whatever it holds");

    assertThat(poll()).containsExactly("a.tar");
    assertThat(poll()).isEmpty();
  }

  @Test
  void boundsItsBatches() throws Exception {
    for (int i = 0; i < ListingFeed.BATCH + 5; i++) {
      write(i + ".jpg", "");
    }

    assertThat(poll()).hasSize(ListingFeed.BATCH);
    write("later.jpg", "");
    assertThat(poll()).hasSize(5).doesNotContain("later.jpg");
    assertThat(poll()).containsExactly("later.jpg");
  }

  @Test
  void countsAndRepeatsAListingThatFails() throws Exception {
    write("a.jpg", "image");
    poll();
    Path hidden = Files.move(input, folder.resolve("hidden"));
    assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
    assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
    Files.move(hidden, input);
    write("b.jpg", "image");

    assertThat(poll()).containsExactly("b.jpg");
  }

  @Test
  void listsTheOtherInputsWhenOneFails() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    ArrivalLog log = ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2));
    feed = feed(Duration.ofNanos(1), log, folder.resolve("nowhere"), other, input);
    write("a.jpg", "image");
    Files.writeString(other.resolve("b.jpg"), "image");

    assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
    assertThat(poll()).containsExactly("../other/b.jpg");
    assertThat(poll()).containsExactly("a.jpg");
    assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
  }

  @Test
  void waitsForTheInterval() throws Exception {
    feed = feed(Duration.ofDays(1));
    write("a.jpg", "image");
    assertThat(poll()).containsExactly("a.jpg");
    write("b.jpg", "image");

    assertThat(poll()).isEmpty();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> feed.poll(Duration.ofDays(1)))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void comparesAsCatalogsAreSorted() {
    List<String> texts =
        List.of(
            "",
            "a",
            "a/b",
            "a\uFFFF",
            "a\uD83D\uDE00",
            "a\uD83D\uDE01",
            "a\uD83D\uDE00b",
            "ab",
            "é",
            "\uE000",
            "\uFFFD",
            "\uFFFF",
            "\uD800\uDC00",
            "\uDBFF\uDFFF",
            "\uD7FF");
    for (String one : texts) {
      for (String other : texts) {
        int expected =
            Arrays.compareUnsigned(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
        assertThat(Integer.signum(ListedVersion.compare(one, other)))
            .isEqualTo(Integer.signum(expected));
      }
    }
  }
}
