package io.simmim.operators.arrival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListingFeedTest {
  private static final Duration SHORT = Duration.ofMillis(1);

  @TempDir private Path folder;
  private Path input;
  private ListingFeed feed;

  @BeforeEach
  void makeFolder() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
    feed = feed(Duration.ofNanos(1));
  }

  private ListingFeed feed(Duration interval) {
    return new ListingFeed(
        List.of(input.toString()), List.of(input.resolve("run").toString()), interval, 3);
  }

  private void write(String name, String content) throws IOException {
    Path file = input.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private List<String> poll() throws Exception {
    ArrivalBatch batch = feed.poll(SHORT);
    assertThat(batch.skipped()).isEmpty();
    assertThat(batch.offsets()).isEmpty();
    return batch.arrivals().stream()
        .map(arrival -> Path.of(arrival.uri().substring("file:".length())))
        .map(path -> input.relativize(path).toString())
        .toList();
  }

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
    assertThat(ListingFeed.isListed(arrival.version())).isTrue();
    assertThat(ListingFeed.isListed("v:l:5")).isFalse();
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

    assertThat(poll()).containsExactlyInAnyOrder("a.jpg", "c.jpg", "d.jpg", "sub/z.jpg");
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
        assertThat(Integer.signum(ListingFeed.compare(one, other)))
            .isEqualTo(Integer.signum(expected));
      }
    }
  }
}
