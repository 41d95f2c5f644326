package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.TestShard;
import io.simmim.operators.source.enumerator.ChunkPlanner;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.reader.ChunkReader;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.io.InputStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same images as files and in shards, in the same order, make the same chunks. */
@Tag("slow")
@Timeout(60)
class ShardSequenceTest {
  private static final int IMAGES = 203;
  private static final int PER_SHARD = 60;
  private static final BatchPlan PLAN = new BatchPlan(IMAGES, 3, 32, 2, 16);

  @TempDir static Path folder;

  @BeforeEach
  void images() throws IOException {
    Random random = new Random(1);
    Path files = Files.createDirectories(folder.resolve("files"));
    TestShard shard = new TestShard();
    for (int i = 0; i < IMAGES; i++) {
      byte[] content = new byte[1 + random.nextInt(20_000)];
      random.nextBytes(content);
      String name = "%06d.jpg".formatted(i);
      Files.write(files.resolve(name), content);
      shard.file(name, content).file("%06d.cls".formatted(i), new byte[] {'7'});
      if (i % PER_SHARD == PER_SHARD - 1 || i == IMAGES - 1) {
        shard.write(folder.resolve("shards/%03d.tar".formatted(i / PER_SHARD)));
        shard = new TestShard();
      }
    }
    FlakyFileSystem.reset();
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  @ParameterizedTest
  @EnumSource
  void isThatOfFiles(Shuffle shuffle) throws Exception {
    List<EncodedChunk> fromFiles = chunks("files", shuffle);
    List<EncodedChunk> fromShards = chunks("shards", shuffle);

    assertThat(fromShards).hasSize((int) PLAN.totalChunks()).hasSameSizeAs(fromFiles);
    for (int i = 0; i < fromFiles.size(); i++) {
      EncodedChunk file = fromFiles.get(i);
      EncodedChunk shard = fromShards.get(i);
      assertThat(shard.index()).isEqualTo(file.index());
      assertThat(shard.firstPosition()).isEqualTo(file.firstPosition());
      assertThat(shard.images())
          .extracting(image -> image.ref().sampleId())
          .isEqualTo(file.images().stream().map(image -> image.ref().sampleId()).toList());
      assertThat(shard.images()).extracting(EncodedImage::failure).containsOnlyNulls();
      assertThat(shard.images())
          .extracting(image -> ByteBuffer.wrap(image.bytes()))
          .isEqualTo(file.images().stream().map(image -> ByteBuffer.wrap(image.bytes())).toList());
    }
  }

  @Test
  void takesARequestPerBlockAndShard() throws Exception {
    FlakyFileSystem.reset();
    List<EncodedChunk> chunks = chunks("shards", Shuffle.BLOCK);
    long indexing = 4;
    long acrossShards = chunks.stream().filter(ShardSequenceTest::liesAcrossShards).count();

    assertThat(acrossShards).isPositive();
    assertThat(FlakyFileSystem.opens()).isEqualTo(indexing + chunks.size() + acrossShards);
  }

  @Test
  void takesARequestPerImageOtherwise() throws Exception {
    FlakyFileSystem.reset();
    List<EncodedChunk> chunks = chunks("shards", Shuffle.SAMPLE);

    assertThat(FlakyFileSystem.opens()).isGreaterThan(chunks.size() * 10L);
  }

  private static boolean liesAcrossShards(EncodedChunk chunk) {
    return chunk.images().stream().map(image -> image.ref().uri()).distinct().count() > 1;
  }

  private static List<EncodedChunk> chunks(String input, Shuffle shuffle) throws Exception {
    Catalog catalog = CatalogLister.list(List.of("flaky:" + folder.resolve(input)));
    ChunkPlanner planner = new ChunkPlanner(catalog, PLAN, 7, shuffle);
    List<ChunkSplit> splits = new ArrayList<>();
    for (long chunk = 0; chunk < PLAN.totalChunks(); chunk++) {
      splits.add(planner.split(chunk));
    }
    FakeReaderOutput output = new FakeReaderOutput();
    try (ChunkReader reader =
        new ChunkReader(
            new FakeReaderContext(), FetchConfig.defaults(), splits.size(), ChunkTrial.NONE)) {
      reader.start();
      reader.addSplits(splits);
      reader.notifyNoMoreSplits();
      while (reader.pollNext(output) != InputStatus.END_OF_INPUT) {
        reader.isAvailable().get();
      }
    }
    return output.chunks;
  }
}
