package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.feed.ListingFeed;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.enumerator.ShardIndexer;
import io.simmim.operators.source.fetch.AttemptTimer;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.ImageRun;
import io.simmim.operators.source.fetch.ObjectReader;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import io.simmim.schemas.ImageRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What S3 says no to: an object that an event told of is rejected when it is its own fault, and
 * nothing is when credentials or buckets are what is wrong.
 */
@Timeout(120)
class S3RefusalsITCase {
  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final String NO_BUCKET = "s3://no-such-bucket";
  private static final List<String> INPUT = List.of(BUCKET + "/");

  @TempDir static Path work;
  private static S3Server server;
  private static byte[] shard;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    server = S3Server.start(work.resolve("server"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String name : List.of("a.jpg", "b.jpg")) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(9000);
        tar.putArchiveEntry(entry);
        tar.write(new byte[9000]);
        tar.closeArchiveEntry();
      }
    }
    shard = bytes.toByteArray();
    server.put("good.jpg", text("0123456789"));
    server.put("good.tar", shard);
    server.put("cut.tar", Arrays.copyOf(shard, 9500));
    server.put("replaced.tar", text("<html>"));
    server.put("secret.jpg", text("0123456789"));
    server.put("secret.tar", shard);
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void connect() {
    S3Files.connect(server);
  }

  @Test
  void shardsThatAreGoneOrReplacedAreRejected() throws IOException {
    assertThat(problems(index(INPUT, BUCKET + "/good.tar"))).containsExactly("", "");
    assertThat(problems(index(INPUT, BUCKET + "/gone.tar")))
        .containsExactly("deleted since it was listed");
    assertThat(problems(index(INPUT, BUCKET + "/cut.tar")))
        .containsExactlyInAnyOrder(
            "",
            "the shard is damaged at byte 9728 (nothing from there on is used): it has 9500 bytes"
                + " now, not %d".formatted(shard.length));
    assertThat(problems(index(INPUT, BUCKET + "/replaced.tar")))
        .containsExactly("not a tar shard: it has 6 bytes now, not %d".formatted(shard.length));
  }

  @Test
  void objectsThatAPolicyDeniesAreRejected() throws Exception {
    try (DistantS3 policy =
        DistantS3.start(server, new DistantS3.Behavior(Duration.ZERO, 0, 0, false))) {
      policy.deny("/secret");
      S3Files.connect(policy.endpoint());

      assertThat(problems(index(INPUT, BUCKET + "/secret.tar")))
          .containsExactly("permission denied");
      assertThat(read(INPUT, BUCKET + "/secret.jpg")).isEqualTo("permission denied");
    }
  }

  /** They are listed, and asked for their length, as any. */
  @Test
  void objectsThatWereArchivedAreRejected() throws Exception {
    String archived = "it is in an archive of S3 (Glacier, say), which has to restore it first";
    try (DistantS3 glacier =
        DistantS3.start(server, new DistantS3.Behavior(Duration.ZERO, 0, 0, false))) {
      glacier.archive("GET /bucket/secret");
      S3Files.connect(glacier.endpoint());

      assertThat(problems(index(INPUT, BUCKET + "/secret.tar"))).containsExactly(archived);
      assertThat(read(INPUT, BUCKET + "/secret.jpg")).isEqualTo(archived);
    }
  }

  /** Credentials that may read objects, and neither list nor see what is not there. */
  @Test
  void shardsAreRejectedByWhoMayOnlyReadObjects() throws Exception {
    try (DistantS3 policy =
        DistantS3.start(server, new DistantS3.Behavior(Duration.ZERO, 0, 0, false))) {
      policy.deny("/gone.tar");
      policy.deny("list-type");
      policy.deny("simmim-storage-probe");
      S3Files.connect(policy.endpoint());

      assertThat(problems(index(INPUT, BUCKET + "/gone.tar"))).containsExactly("permission denied");
      assertThat(problems(index(INPUT, BUCKET + "/good.tar"))).containsExactly("", "");
    }
  }

  @Test
  void objectsInABucketThatIsNotThereAreRejectedWhileAnotherAnswers() throws Exception {
    List<String> inputs = List.of(BUCKET + "/", NO_BUCKET + "/");

    assertThat(problems(index(inputs, NO_BUCKET + "/a.tar")))
        .containsExactly("deleted since it was listed");
    assertThat(read(inputs, NO_BUCKET + "/a.jpg")).isEqualTo("deleted since it was listed");
    assertThat(read(INPUT, "s3://bad_bucket/a.jpg")).isEqualTo("bucket is null/empty");
    assertThat(read(INPUT, "abfs://c@a.dfs.core.windows.net/a.jpg"))
        .startsWith("Could not find a file system implementation for scheme 'abfs'");
    assertThatThrownBy(() -> read(List.of(NO_BUCKET + "/"), NO_BUCKET + "/a.jpg"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the input s3://no-such-bucket/ is gone: ");
  }

  /** Hadoop's S3 says of every bucket that it is there, without asking. */
  @Test
  void nothingIsRejectedWithoutValidCredentials() {
    S3Files.connect(server.endpoint(), "another-secret");

    assertThatThrownBy(() -> read(INPUT, BUCKET + "/good.jpg"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the input s3://bucket/ is gone: ");
    assertThatThrownBy(() -> index(INPUT, BUCKET + "/good.tar"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the input s3://bucket/ is gone: ");
    assertThatThrownBy(() -> read(List.of(BUCKET), BUCKET + "/good.jpg"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the input s3://bucket is gone: ");
  }

  /** A prefix is there as long as an object is below it, a bucket also without. */
  @Test
  void aPrefixWhoseObjectsAllExpiredIsSeenToBeEmpty() throws Exception {
    List<String> keys = List.of("expiring/a.jpg", "expiring/b/c.jpg");
    for (String key : keys) {
      server.put(key, text("image"));
    }
    ListingFeed feed =
        new ListingFeed(
            List.of(BUCKET + "/expiring"),
            List.of(),
            Duration.ofMillis(1),
            7,
            ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)),
            probe(INPUT));
    assertThat(poll(feed)).containsExactlyInAnyOrder("CREATED a.jpg", "CREATED c.jpg");
    for (String key : keys) {
      org.apache.flink.core.fs.Path object = new org.apache.flink.core.fs.Path(BUCKET + "/" + key);
      assertThat(object.getFileSystem().delete(object, false)).isTrue();
    }

    assertThat(poll(feed)).isEmpty();
    assertThat(poll(feed)).isEmpty();
    assertThat(poll(feed)).containsExactly("DELETED a.jpg", "DELETED c.jpg");
    S3Files.connect(server.endpoint(), "another-secret");
    assertThat(feed.poll(Duration.ofSeconds(1)).skipped()).isEqualTo(Map.of("listing failed", 1L));
  }

  private static List<String> poll(ListingFeed feed) throws Exception {
    ArrivalBatch batch = feed.poll(Duration.ofSeconds(1));
    assertThat(batch.skipped()).isEmpty();
    return batch.arrivals().stream()
        .map(
            arrival ->
                arrival.kind() + " " + arrival.uri().substring(arrival.uri().lastIndexOf('/') + 1))
        .toList();
  }

  private static List<ImageRef> index(List<String> inputs, String uri) throws IOException {
    ShardIndexer indexer =
        new ShardIndexer(probe(inputs), new ShardReading(1, 2, Duration.ofMillis(1)), 7);
    return indexer.members(new Arrival(Arrival.Kind.CREATED, uri, shard.length, "e:1", 5, "t/0@1"));
  }

  private static StorageProbe probe(List<String> inputs) {
    StorageProbe probe = new StorageProbe();
    probe.setRoots(new CatalogRoots(inputs, true));
    return probe;
  }

  private static List<String> problems(List<ImageRef> members) {
    return members.stream().map(ImageRef::problem).toList();
  }

  /** Why the image is not used; null if it is. */
  private static String read(List<String> inputs, String uri) throws Exception {
    FetchConfig config =
        new FetchConfig(1, 1 << 20, 1 << 20, 2, Duration.ofMillis(1), Duration.ofSeconds(60), 1);
    try (AttemptTimer timer =
        new AttemptTimer(
            config.timeout(),
            "timer",
            stuck -> {
              throw new AssertionError(stuck);
            })) {
      ObjectReader reader =
          new ObjectReader(config, probe(inputs), timer, new FetchMetrics(), new CountDownLatch(1));
      ImageRun run = ImageRun.of(List.of(new ImageRef(0, uri, 0, 10)), 1 << 20).get(0);
      return reader.read(run).get(0).failure();
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
