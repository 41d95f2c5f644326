package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.fetch.AttemptTimer;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.ImageRun;
import io.simmim.operators.source.fetch.ObjectReader;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.InputImages;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.apache.flink.core.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a bucket may hold that a folder cannot, and what may happen to it after it was listed. */
@Timeout(120)
class S3ObjectsITCase {
  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final String UNREADABLE = "Flink cannot read objects with such a name";

  @TempDir static Path work;
  private static S3Server server;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    server = S3Server.start(work.resolve("server"));
    S3Files.connect(server);
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void oddKeysAreListedInOrderAndRead() throws Exception {
    List<String> keys =
        List.of(
            "odd/ blank first/a.jpg",
            "odd/100%25.jpg",
            "odd/20:30 #1?.jpg",
            "odd/a+b.jpg",
            "odd/a.jpg",
            "odd/a.jpg/inside.jpg",
            "odd/a/a..jpg",
            "odd/blank last /a.jpg",
            "odd/ünïcödé/日本.jpg",
            "odd/\uFF21.jpg",
            "odd/\uD83D\uDE00.jpg");
    for (String key : keys) {
      server.put(key, bytes(key));
    }

    Catalog catalog = CatalogLister.list(List.of(BUCKET + "/odd"));

    assertThat(refs(catalog).stream().map(ImageRef::uri))
        .containsExactlyElementsOf(keys.stream().map(key -> BUCKET + "/" + key).toList());
    assertThat(catalog.usable()).isEqualTo(catalog.size());
    for (ImageRef ref : refs(catalog)) {
      String key = ref.uri().substring(BUCKET.length() + 1);
      assertThat(read(ref).bytes()).as(key).isEqualTo(bytes(key));
    }
  }

  @Test
  void hiddenKeysAreLeftOutAndTold() throws Exception {
    for (String key :
        List.of(
            "dots/..jpg",
            "dots/._a.jpg",
            "dots/.cache/b/c.jpg",
            "dots/__MACOSX/._a.jpg",
            "dots/a.jpg",
            "dots/b/c.jpg",
            "dots/old.tar.gz")) {
      server.put(key, bytes(key));
    }

    Listing listing =
        CatalogLister.listing(List.of(BUCKET + "/dots"), List.of(), ShardReading.defaults());

    assertThat(refs(listing.catalog()).stream().map(ImageRef::uri))
        .containsExactly(BUCKET + "/dots/a.jpg", BUCKET + "/dots/b/c.jpg");
    assertThat(listing.notes())
        .containsExactly(
            "skipped hidden files and folders (named .*, __MACOSX or lost+found): 4, the first is "
                + BUCKET
                + "/dots/..jpg",
            "skipped archives, of which no part can be read alone (unpack them; gunzip makes a .tar"
                + " of a .tar.gz): 1, the first is "
                + BUCKET
                + "/dots/old.tar.gz");
  }

  /** Whether an input is a log of arrivals is not asked where images are. */
  @Test
  void aRunListsItsInputOnce() throws Exception {
    for (int i = 0; i < 40; i++) {
      server.put("once/%d/%d.jpg".formatted(i % 4, i), bytes("image"));
    }
    try (DistantS3 counting =
        DistantS3.start(server, new DistantS3.Behavior(Duration.ZERO, 0, 0, false))) {
      S3Files.connect(counting.endpoint());
      CatalogLister.list(List.of(BUCKET + "/once"));
      long once = counting.requests();

      SimmimConfig config =
          new ConfigLoader()
              .preset("vit-tiny")
              .set(List.of("training.micro-batch=4", "schedule.warmup-epochs=0"))
              .input(List.of(BUCKET + "/once"))
              .output(work.resolve("once").toString())
              .load()
              .config();
      RunFolder output = RunFolder.open(config.output());
      Catalog images = InputImages.list(config, output, line -> {});

      assertThat(images.size()).isEqualTo(40);
      assertThat(counting.requests()).isEqualTo(2 * once);
    } finally {
      S3Files.connect(server);
    }
  }

  /** Among them keys that would lead out of the input, and the walk in a circle. */
  @Test
  void keysThatFlinkCannotNameAreRejectedOneByOne() throws Exception {
    server.put("outside/y.jpg", bytes("outside"));
    for (String key :
        List.of(
            "names/../up.jpg",
            "names/../../bucket/outside/y.jpg",
            "names/..",
            "names/back\\slash.jpg",
            "names/back\\slash.txt",
            "names/good.jpg",
            "names/x/../y.jpg")) {
      server.put(key, bytes(key));
    }

    Catalog catalog = CatalogLister.list(List.of(BUCKET + "/names"));

    assertThat(refs(catalog).stream().map(ref -> ref.uri() + ": " + ref.problem()))
        .containsExactly(
            BUCKET + "/names/../: " + UNREADABLE,
            BUCKET + "/names/back\\slash.jpg: " + UNREADABLE,
            BUCKET + "/names/good.jpg: ",
            BUCKET + "/names/x/../: " + UNREADABLE);
    assertThat(read(catalog.ref(0)).failure()).isEqualTo(UNREADABLE);
    assertThat(read(catalog.ref(2)).bytes()).isEqualTo(bytes("names/good.jpg"));
  }

  /** The plugin does not show what follows an empty part of a key, or a single dot. */
  @Test
  void keysThatThePluginHidesAreLeftOut() throws Exception {
    for (String key : List.of("hidden//a.jpg", "hidden/b//c.jpg", "hidden/./d.jpg")) {
      server.put(key, bytes(key));
    }
    server.put("hidden/shown.jpg", bytes("shown"));

    assertThat(refs(CatalogLister.list(List.of(BUCKET + "/hidden"))).stream().map(ImageRef::uri))
        .containsExactly(BUCKET + "/hidden/shown.jpg");
  }

  @Test
  void markersOfFoldersAreNoImages() throws Exception {
    for (String key : List.of("marked/", "marked/a/", "marked/b.jpg/", "marked/a/b/")) {
      server.put(key, new byte[0]);
    }
    server.put("marked/a/image.jpg", bytes("image"));

    assertThat(refs(CatalogLister.list(List.of(BUCKET + "/marked"))).stream().map(ImageRef::uri))
        .containsExactly(BUCKET + "/marked/a/image.jpg");
  }

  @Test
  void objectsThatChangedSinceTheyWereListedAreRejected() throws Exception {
    for (String name : List.of("deleted", "emptied", "filled", "longer", "same", "shorter")) {
      server.put("changed/" + name + ".jpg", bytes(name.equals("filled") ? "" : "0123456789"));
    }
    Catalog catalog = CatalogLister.list(List.of(BUCKET + "/changed"));

    org.apache.flink.core.fs.Path deleted =
        new org.apache.flink.core.fs.Path(BUCKET + "/changed/deleted.jpg");
    FileSystem files = deleted.getFileSystem();
    assertThat(files.delete(deleted, false)).isTrue();
    server.put("changed/emptied.jpg", bytes(""));
    server.put("changed/filled.jpg", bytes("filled"));
    server.put("changed/longer.jpg", bytes("0123456789a"));
    server.put("changed/same.jpg", bytes("9876543210"));
    server.put("changed/shorter.jpg", bytes("01234"));

    assertThat(refs(catalog).stream().map(S3ObjectsITCase::outcome))
        .containsExactly(
            "deleted.jpg: deleted since it was listed",
            "emptied.jpg: changed since it was listed: 0 bytes now",
            "filled.jpg: changed since it was listed: 6 bytes now",
            "longer.jpg: changed since it was listed: 11 bytes now",
            "same.jpg: 9876543210",
            "shorter.jpg: changed since it was listed: 5 bytes now");
  }

  /** The length is not asked for, and of a shard nothing behind the image, so connections last. */
  @Test
  void eachImageIsOneRequestOnAConnectionThatIsKept() throws Exception {
    byte[] shard = new byte[1 << 20];
    new Random(1).nextBytes(shard);
    server.put("counted/shard.bin", shard);
    server.put("counted/object.jpg", bytes("0123456789"));
    ImageRef object = new ImageRef(0, BUCKET + "/counted/object.jpg", 0, 10);
    try (DistantS3 counting =
        DistantS3.start(server, new DistantS3.Behavior(Duration.ZERO, 0, 0, false))) {
      S3Files.connect(counting.endpoint());

      for (int i = 0; i < 10; i++) {
        int offset = 1 + i * 50_000;
        ImageRef member = new ImageRef(0, BUCKET + "/counted/shard.bin", offset, 40_000);
        assertThat(read(member).bytes())
            .isEqualTo(Arrays.copyOfRange(shard, offset, offset + 40_000));
        assertThat(read(object).bytes()).isEqualTo(bytes("0123456789"));
      }

      assertThat(counting.requests()).isEqualTo(20);
      assertThat(counting.connections()).isEqualTo(1);
    } finally {
      S3Files.connect(server);
    }
  }

  private static String outcome(ImageRef ref) {
    EncodedImage image = read(ref);
    String name = ref.uri().substring(ref.uri().lastIndexOf('/') + 1);
    return "%s: %s"
        .formatted(
            name,
            image.failure() == null
                ? new String(image.bytes(), StandardCharsets.UTF_8)
                : image.failure());
  }

  private static EncodedImage read(ImageRef ref) {
    FetchConfig config = FetchConfig.defaults();
    try (AttemptTimer timer =
        new AttemptTimer(
            config.timeout(),
            "timer",
            stuck -> {
              throw new AssertionError(stuck);
            })) {
      ObjectReader reader =
          new ObjectReader(
              config, new StorageProbe(), timer, new FetchMetrics(), new CountDownLatch(1));
      return reader.read(ImageRun.of(List.of(ref), config.maxObjectBytes()).get(0)).get(0);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<ImageRef> refs(Catalog catalog) {
    return LongStream.range(0, catalog.size()).mapToObj(catalog::ref).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
