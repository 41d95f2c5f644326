package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.TestArrivals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What these tests share. */
abstract class ArrivalLogFilesCase {
  static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 4, 2);

  @TempDir Path folder;
  Path stored;

  /** Names of large images must not be front-coded away. */
  final Random random = new Random(1);

  @BeforeEach
  void chooseFolder() {
    stored = folder.resolve("run/arrivals");
  }

  ArrivalLogFiles begin() {
    return ArrivalLogFiles.begin(path(stored), ArrivalLog.begin(HEADER));
  }

  static org.apache.flink.core.fs.Path path(Path local) {
    return new org.apache.flink.core.fs.Path(local.toUri().toString());
  }

  ArrivalLogFiles restore(ArrivalLogReference reference) throws IOException {
    return ArrivalLogFiles.restore(path(stored), reference);
  }

  static void add(ArrivalLogFiles files, int images) {
    for (int i = 0; i < images; i++) {
      files.log().add(TestArrivals.image(files.log().size()));
    }
  }

  /** Adds at least so many bytes. */
  void addBytes(ArrivalLogFiles files, long bytes) {
    long end = files.log().complete() + bytes;
    while (files.log().complete() < end) {
      byte[] name = new byte[50_000];
      random.nextBytes(name);
      for (int i = 0; i < name.length; i++) {
        name[i] = (byte) ('a' + (name[i] & 15));
      }
      String uri = new String(name, StandardCharsets.US_ASCII);
      files.log().add(new ArrivedImage(uri, 0, 1, "", "", "", "", 0));
    }
  }

  /** Names of the files without their digests, and without leading zeros. */
  List<String> names() throws IOException {
    if (!Files.exists(stored)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(stored)) {
      return files
          .map(file -> file.getFileName().toString())
          .map(name -> name.replaceFirst("-[0-9a-f]{16}\\.log$", ""))
          .map(name -> name.replaceAll("0*([0-9]+)", "$1"))
          .sorted()
          .toList();
    }
  }

  Path file(String name) throws IOException {
    try (Stream<Path> files = Files.list(stored)) {
      return files
          .filter(
              file -> file.getFileName().toString().replaceAll("0*([0-9]+)", "$1").startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  static void requireSame(ArrivalLogReference reference, long images) throws IOException {
    ArrivalLog log = ArrivalLogFiles.read(reference);
    assertThat(log.size()).isEqualTo(images);
    assertThat(log.digest()).isEqualTo(reference.digest());
    assertThat(log.complete()).isEqualTo(reference.length());
    for (long id = 0; id < images; id++) {
      assertThat(log.image(id)).isEqualTo(TestArrivals.image(id));
    }
  }
}
