package io.simmim.pipeline.sink.stored;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class LineFollowerTest {
  @TempDir Path folder;

  private org.apache.flink.core.fs.Path lines(String scheme) {
    return new org.apache.flink.core.fs.Path(scheme + ":" + folder.resolve("lines.jsonl"));
  }

  private static List<String> read(LineFollower follower) throws IOException {
    List<String> taken = new ArrayList<>();
    follower.forEach(taken::add);
    return taken;
  }

  /** Streams of Hadoop's never come back from there. */
  @ParameterizedTest
  @ValueSource(strings = {"file", "hdfs"})
  void nothingComesWhereTheFileEndsBeforeThePlace(String scheme) throws Exception {
    Files.writeString(folder.resolve("lines.jsonl"), "one\ntwo\n");
    LinePlace behind = new LinePlace("lines.jsonl", 5000);

    assertThat(read(new LineFollower(lines(scheme), behind))).isEmpty();
  }

  @Test
  void goesOnBehindWhatWasTaken() throws Exception {
    Path file = Files.writeString(folder.resolve("lines.jsonl"), "one\ntwo\nthr");
    LineFollower follower = new LineFollower(lines("hdfs"));
    assertThat(read(follower)).containsExactly("one", "two");
    LinePlace last = follower.last().orElseThrow();

    Files.writeString(file, "one\ntwo\nthree\n");

    assertThat(read(follower)).containsExactly("three");
    assertThat(read(follower)).isEmpty();
    assertThat(read(new LineFollower(lines("hdfs"), last))).containsExactly("two", "three");
  }
}
