package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.ArrivalSequence;
import io.simmim.operators.arrival.TestArrivals;
import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.schemas.ImageRef;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ListingFeedGoneTest extends ListingFeedCase {
  @Test
  void tellsWhatWentBeforeWhatCame() throws Exception {
    for (int i = 0; i < 10; i++) {
      write("%d.jpg".formatted(i), "image");
    }
    poll();
    long before = System.currentTimeMillis();
    for (int i = 0; i < 5; i++) {
      Files.delete(input.resolve("%d.jpg".formatted(i)));
    }
    write("new.jpg", "image");
    ArrivalBatch batch = feed.poll(SHORT);

    assertThat(batch.arrivals())
        .extracting(this::name)
        .containsExactly("-0.jpg", "-1.jpg", "-2.jpg", "-3.jpg", "-4.jpg", "new.jpg");
    assertThat(batch.arrivals().get(0).eventMillis()).isBetween(before, System.currentTimeMillis());
    assertThat(batch.arrivals().get(0).version()).isEmpty();
  }

  @Test
  void believesThatMostIsGoneWhenThreeListingsInARowSaySo() throws Exception {
    for (int i = 0; i < 10; i++) {
      write("%d.jpg".formatted(i), "image");
    }
    poll();
    Path hidden = Files.createDirectory(folder.resolve("hidden"));
    for (int i = 0; i < 6; i++) {
      Files.move(input.resolve(i + ".jpg"), hidden.resolve(i + ".jpg"));
    }
    write("new.jpg", "image");
    assertThat(poll()).isEmpty();
    assertThat(poll()).isEmpty();
    Files.move(hidden.resolve("0.jpg"), input.resolve("0.jpg"));
    assertThat(poll()).containsExactly("-1.jpg", "-2.jpg", "-3.jpg", "-4.jpg", "-5.jpg", "new.jpg");
    Files.delete(input.resolve("0.jpg"));
    for (int i = 6; i < 10; i++) {
      Files.delete(input.resolve(i + ".jpg"));
    }

    assertThat(poll()).isEmpty();
    assertThat(poll()).isEmpty();
    assertThat(poll()).containsExactly("-0.jpg", "-6.jpg", "-7.jpg", "-8.jpg", "-9.jpg");
  }

  @Test
  void beginsToCountAgainWhenAListingFailsInBetween() throws Exception {
    for (int i = 0; i < 4; i++) {
      write("%d.jpg".formatted(i), "image");
    }
    poll();
    for (int i = 0; i < 3; i++) {
      Files.delete(input.resolve("%d.jpg".formatted(i)));
    }
    assertThat(poll()).isEmpty();
    assertThat(poll()).isEmpty();
    Path hidden = Files.move(input, folder.resolve("hidden"));
    assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
    Files.move(hidden, input);
    assertThat(poll()).isEmpty();
    assertThat(poll()).isEmpty();
    assertThat(poll()).containsExactly("-0.jpg", "-1.jpg", "-2.jpg");
  }

  /** Storage that fails while a folder in the input goes away. */
  @Test
  void takesAMissingFolderForNoMissingInput() throws Exception {
    write("a.jpg", "image");
    write("sub/b.jpg", "image");
    feed = ofFlakyStorage();
    assertThat(feed.poll(SHORT).arrivals()).hasSize(2);
    AtomicBoolean vanished = new AtomicBoolean();
    FlakyFileSystem.onStatus(
        path -> {
          if (path.getName().equals("b.jpg")) {
            vanished.set(true);
            throw new FileNotFoundException(path.toString());
          }
          if (path.getName().equals("sub") && vanished.getAndSet(false)) {
            throw new IOException("connection reset");
          }
        });

    for (int i = 0; i < 5; i++) {
      assertThat(feed.poll(SHORT))
          .isEqualTo(new ArrivalBatch(List.of(), Map.of(), Map.of("listing failed", 1L)));
    }
  }

  @Test
  void takesAnEmptyFolderForADiskThatIsNotMounted() throws Exception {
    write("a.jpg", "image");
    write("b.jpg", "image");
    poll();
    Path hidden = Files.move(input, folder.resolve("hidden"));
    Files.createDirectory(input);
    for (int i = 0; i < 10; i++) {
      assertThat(poll()).isEmpty();
    }
    Files.delete(input);
    Files.move(hidden, input);
    assertThat(poll()).isEmpty();
    Files.delete(input.resolve("a.jpg"));
    Files.delete(input.resolve("b.jpg"));
    write("notes.txt", "mounted");

    assertThat(poll()).isEmpty();
    assertThat(poll()).isEmpty();
    assertThat(poll()).containsExactly("-a.jpg", "-b.jpg");
  }

  /** A disk may be away for days, and is looked for every minute. */
  @Test
  void tellsOnceWhyListingsAreOfNoUseAndAgainWhenSomethingHasChanged() throws Exception {
    write("a.jpg", "image");
    poll();
    Files.move(input, folder.resolve("hidden"));
    for (int i = 0; i < 3; i++) {
      assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
    }
    Files.createDirectory(input);
    for (int i = 0; i < 3; i++) {
      assertThat(poll()).isEmpty();
    }
    assertThat(warned)
        .satisfiesExactly(
            failed -> assertThat(failed).contains("input does not exist").contains("every"),
            empty -> assertThat(empty).contains("is empty, as a disk that is not mounted"));
    write("b.jpg", "image");
    write("a.jpg", "image");
    assertThat(poll()).containsExactly("b.jpg");
    assertThat(warned).hasSize(3).last().asString().contains("input is listed again, after 0 s");
    assertThat(poll()).isEmpty();
    Files.delete(input.resolve("a.jpg"));
    Files.delete(input.resolve("b.jpg"));
    poll();

    assertThat(warned).as("what was told less than a minute ago").hasSize(3);
  }

  private ListingFeed ofFlakyStorage() throws IOException {
    return new ListingFeed(
        List.of("flaky:" + input),
        List.of(),
        Duration.ofNanos(1),
        3,
        ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)),
        uri -> true,
        warned::add);
  }

  /** A store names each request that it refuses. */
  @Test
  void tellsOnceOfFailuresThatAreToldDifferentlyEachTime() throws Exception {
    write("sub/a.jpg", "image");
    feed = ofFlakyStorage();
    AtomicInteger request = new AtomicInteger();
    FlakyFileSystem.onStatus(
        path -> {
          throw new IOException("refused (request " + request.incrementAndGet() + ")");
        });
    for (int i = 0; i < 5; i++) {
      assertThat(feed.poll(SHORT).skipped()).isEqualTo(Map.of("listing failed", 1L));
    }

    assertThat(request.get()).isGreaterThanOrEqualTo(5);
    assertThat(warned).singleElement().asString().contains("refused (request 1)");
  }

  @Test
  void noticesAfterARestartWhatWentMeanwhile() throws Exception {
    for (String name : List.of("a.jpg", "b.jpg", "c.jpg", "d.tar", "sub/e.jpg")) {
      write(name, "image");
    }
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
    pollInto(sequence);
    sequence.accept(TestArrivals.event("file:" + input + "/from-an-event.jpg", "e:1", 10));
    sequence.accept(TestArrivals.event("file:" + folder + "/elsewhere.jpg", "e:1", 10));
    sequence.accept(TestArrivals.event("file:" + input + ".jpg", "e:1", 10));
    Files.delete(input.resolve("b.jpg"));
    write("c.jpg", "replaced");
    write("f.jpg", "image");

    feed = feed(Duration.ofNanos(1), sequence.log(), input);
    assertThat(pollInto(sequence))
        .containsExactlyInAnyOrder("-b.jpg", "-from-an-event.jpg", "c.jpg", "f.jpg");
    assertThat(sequence.log().deleted()).isEqualTo(3);
    feed = feed(Duration.ofNanos(1), sequence.log(), input);
    assertThat(pollInto(sequence)).isEmpty();
    write("b.jpg", "image");
    assertThat(pollInto(sequence)).containsExactly("b.jpg");
    assertThat(sequence.log().size()).isEqualTo(11);
    feed = feed(Duration.ofNanos(1), sequence.log(), input);
    assertThat(pollInto(sequence)).isEmpty();
  }

  /** Another program deletes objects and writes them again, as long as before. */
  @Test
  void findsAgainWhatAReaderMissed() throws Exception {
    for (String name : List.of("a.jpg", "b.jpg", "c.jpg")) {
      write(name, "image");
    }
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
    List<String> order = pollInto(sequence);
    long a = order.indexOf("a.jpg");
    long b = order.indexOf("b.jpg");
    Files.delete(input.resolve("b.jpg"));
    for (long id : List.of(a, b)) {
      feed.missed(sequence.gone(id).orElseThrow());
      assertThat(sequence.gone(id)).as("said before").isEmpty();
    }
    sequence.accept(TestArrivals.event("file:" + folder + "/elsewhere.jpg", "e:1", 10));
    feed.missed(sequence.gone(3).orElseThrow());
    List<String> found = new ArrayList<>();
    Awaitility.await()
        .pollInSameThread()
        .until(() -> found.addAll(pollInto(sequence)) && found.contains("a.jpg"));

    assertThat(found).containsExactlyInAnyOrder("-b.jpg", "a.jpg");
    assertThat(pollInto(sequence)).isEmpty();
    assertThat(sequence.log().size()).isEqualTo(5);
    assertThat(sequence.log().image(4).uri()).endsWith("/input/a.jpg");
    assertThat(sequence.log().deleted()).isEqualTo(3);
  }

  /** A listing shows it, and no reader finds it. */
  @Test
  void tellsOnceOfALinkToNowhere() throws Exception {
    write("a.jpg", "image");
    Path target = folder.resolve("later.jpg");
    Files.createSymbolicLink(input.resolve("link.jpg"), target);
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
    List<String> order = pollInto(sequence);
    assertThat(order).containsExactlyInAnyOrder("a.jpg", "link.jpg");
    feed.missed(sequence.gone(order.indexOf("link.jpg")).orElseThrow());
    for (int i = 0; i < 5; i++) {
      awaitNextMillisecond();
      assertThat(pollInto(sequence)).isEmpty();
    }
    feed = feed(Duration.ofNanos(1), sequence.log(), input);
    for (int i = 0; i < 3; i++) {
      assertThat(pollInto(sequence)).as("after a restart").isEmpty();
    }

    Files.createFile(target); // as long as nothing
    awaitNextMillisecond();
    assertThat(pollInto(sequence)).containsExactly("link.jpg");
    assertThat(pollInto(sequence)).isEmpty();
    assertThat(sequence.log().size()).isEqualTo(3);
  }

  /** Only listings that begin later can tell that an object is there again. */
  private static void awaitNextMillisecond() {
    long now = System.currentTimeMillis();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> System.currentTimeMillis() > now);
  }

  /** A rule that keeps the images of a day, for two weeks, and a run that replays half. */
  @Test
  void neverReplaysWhatExpired() throws Exception {
    ArrivalSequence sequence =
        new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
    long chunk = 0;
    for (int day = 0; day < 14; day++) {
      for (int i = 0; i < 20; i++) {
        write("%02d/%d.jpg".formatted(day, i), "image");
        if (day >= 2) {
          Files.delete(input.resolve("%02d/%d.jpg".formatted(day - 2, i)));
        }
      }
      assertThat(pollInto(sequence)).hasSize(day < 2 ? 20 : 40);
      while (sequence.ready(chunk, WhenIdle.WAIT)) {
        for (ImageRef image : sequence.images(chunk++)) {
          assertThat(Path.of(image.uri().substring("file:".length()))).exists();
        }
      }
    }

    assertThat(chunk).isGreaterThan(100);
    assertThat(sequence.log().deleted()).isEqualTo(240);
  }
}
