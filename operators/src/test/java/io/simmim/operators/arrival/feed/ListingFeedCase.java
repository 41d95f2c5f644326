package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.ArrivalSequence;
import io.simmim.operators.arrival.ArrivedObject;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.source.FlakyFileSystem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What these tests share. */
abstract class ListingFeedCase {
  static final Duration SHORT = Duration.ofMillis(1);
  @TempDir Path folder;
  final List<String> warned = new ArrayList<>();
  Path input;
  ListingFeed feed;

  @BeforeEach
  void makeFolder() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
    feed = feed(Duration.ofNanos(1));
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  ListingFeed feed(Duration interval) throws IOException {
    return feed(interval, ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)), input);
  }

  ListingFeed feed(Duration interval, ArrivalLog log, Path... folders) throws IOException {
    return new ListingFeed(
        Arrays.stream(folders).map(folder -> "file:" + folder).toList(),
        List.of(input.resolve("run").toString()),
        interval,
        3,
        log,
        this::holdsSomething,
        warned::add);
  }

  boolean holdsSomething(String uri) {
    String[] children = new File(uri.substring("file:".length())).list();
    return children != null && children.length > 0;
  }

  void write(String name, String content) throws IOException {
    Path file = input.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  List<String> poll() throws Exception {
    ArrivalBatch batch = feed.poll(SHORT);
    assertThat(batch.skipped()).isEmpty();
    assertThat(batch.offsets()).isEmpty();
    return batch.arrivals().stream().map(this::name).toList();
  }

  /** Of what went with a minus sign. */
  String name(Arrival arrival) {
    String name = input.relativize(Path.of(arrival.uri().substring("file:".length()))).toString();
    return arrival.kind() == Arrival.Kind.CREATED ? name : "-" + name;
  }

  /** Takes in what the feed finds, as a run does. */
  List<String> pollInto(ArrivalSequence sequence) throws Exception {
    List<String> names = new ArrayList<>();
    for (Arrival arrival : feed.poll(SHORT).arrivals()) {
      sequence.accept(ArrivedObject.plain(arrival));
      names.add(name(arrival));
    }
    return names;
  }
}
