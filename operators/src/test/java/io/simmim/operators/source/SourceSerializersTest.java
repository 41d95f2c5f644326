package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ChunkSplitSerializer;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceSerializersTest {
  private static final String SPLIT =
      "0000000000000102" // chunk
          + "00000003" // epoch
          + "0000000000000204" // first position
          + "00000002" // images
          + "0000000000000009" // sample
          + "00000007"
          + "66696c653a2f64" // file:/d
          + "0000000000000000" // offset
          + "00000400" // length
          + "000000000000000a"
          + "00000001"
          + "62"
          + "0000000000000200"
          + "00000000";

  private static final String SPLIT_2 =
      "0000000000000102" // chunk
          + "00000003" // epoch
          + "0000000000000204" // first position
          + "00000002" // images
          + "0000000000000009" // sample
          + "00000007"
          + "66696c653a2f64" // file:/d
          + "0000000000000200" // offset
          + "00000400" // length
          + "00000001"
          + "78" // name in the shard
          + "00000000" // no problem
          + "000000000000000a"
          + "00000001"
          + "62"
          + "0000000000000200"
          + "00000000"
          + "00000000"
          + "00000003"
          + "626164"; // bad

  private static final String SPLIT_3 =
      "0000000000000102" // chunk
          + "00000003" // epoch
          + "0000000000000204" // first position
          + "00000001" // images
          + "0000000000000009" // sample
          + "00000007"
          + "66696c653a2f64" // file:/d
          + "0000000000000200" // offset
          + "00000400" // length
          + "00000001"
          + "78" // name in the shard
          + "00000000" // no problem
          + "00000003"
          + "763a31"; // version v:1

  private static final String STATE =
      "ffffffffffffffff" // seed
          + "00000007"
          + "66696c653a2f63" // file:/c
          + "00000040"
          + "61".repeat(64) // digest
          + "0000000000000064" // catalog size
          + "0000000000000064" // images
          + "00000005" // epochs
          + "00000004" // micro-batch
          + "00000003" // accumulation
          + "00000002" // chunk-images
          + "0000000000000011" // next chunk
          + "00000002" // returned
          + "0000000000000003"
          + "0000000000000007";

  private static final String CONTINUOUS =
      "01" // a continuous run
          + "01" // with a log
          + "00000007"
          + "66696c653a2f6c" // file:/l
          + "0000000000000400" // length
          + "00000040"
          + "62".repeat(64) // digest
          + "0000000000000009" // seed
          + "3fd0000000000000" // replay share
          + "00000002" // chunk-images
          + "0000000000000006" // chunks per step
          + "00000004" // micro-batch
          + "00000003" // accumulation
          + "0000000000000011" // next chunk
          + "00000002" // returned
          + "0000000000000003"
          + "0000000000000007"
          + "00000005"
          + "6b3a2f2f74" // topic
          + "00000002" // partitions
          + "00000000"
          + "0000000000000008"
          + "00000002"
          + "0000000100000000";

  private static final String CONTINUOUS_WITHOUT_LOG =
      "01" // a continuous run
          + "00" // without a log
          + "0000000000000009" // seed
          + "3fd0000000000000" // replay share
          + "00000002" // chunk-images
          + "0000000000000006" // chunks per step
          + "00000004" // micro-batch
          + "00000003" // accumulation
          + "0000000000000000" // next chunk
          + "00000000" // returned
          + "00000000" // topic
          + "00000000"; // partitions

  private final ChunkSplitSerializer splits = new ChunkSplitSerializer();
  private final ChunkEnumeratorStateSerializer states = new ChunkEnumeratorStateSerializer();

  private static ChunkSplit split() {
    return new ChunkSplit(
        0x102,
        3,
        0x204,
        List.of(new ImageRef(9, "file:/d", 0, 1024), new ImageRef(10, "b", 512, 0)));
  }

  private static ChunkEnumeratorState state(Shuffle shuffle) {
    return new ChunkEnumeratorState.Progress(
        -1,
        shuffle,
        new CatalogReference("file:/c", "a".repeat(64), 100),
        new BatchPlan(100, 5, 4, 3, 2),
        17,
        List.of(3L, 7L));
  }

  @Test
  void keepsVersionOneOfSplits() throws IOException {
    ChunkSplit read = splits.deserialize(1, HexFormat.of().parseHex(SPLIT));

    assertThat(read.chunk()).isEqualTo(0x102);
    assertThat(read.epoch()).isEqualTo(3);
    assertThat(read.firstPosition()).isEqualTo(0x204);
    assertThat(read.images()).isEqualTo(split().images());
  }

  @Test
  void keepsVersionTwoOfSplits() throws IOException {
    ChunkSplit split =
        new ChunkSplit(
            0x102,
            3,
            0x204,
            List.of(
                new ImageRef(9, "file:/d", 512, 1024, "x", ""),
                new ImageRef(10, "b", 512, 0, "", "bad")));

    ChunkSplit read = splits.deserialize(2, HexFormat.of().parseHex(SPLIT_2));
    assertThat(read).isEqualTo(split);
    assertThat(read.images()).isEqualTo(split.images());
  }

  @Test
  void keepsVersionThreeOfSplits() throws IOException {
    ChunkSplit split =
        new ChunkSplit(
            0x102, 3, 0x204, List.of(new ImageRef(9, "file:/d", 512, 1024, "x", "", "v:1")));

    ChunkSplit read = splits.deserialize(3, HexFormat.of().parseHex(SPLIT_3));
    assertThat(read).isEqualTo(split);
    assertThat(read.images()).isEqualTo(split.images());
    assertThat(read.suspect()).isFalse();
  }

  @Test
  void keepsVersionFourOfSplits() throws IOException {
    List<ImageRef> images = List.of(new ImageRef(9, "file:/d", 512, 1024, "x", "", "v:1"));

    keepsVersionFour(new ChunkSplit(0x102, 3, 0x204, images), SPLIT_3 + "00");
    keepsVersionFour(new ChunkSplit(0x102, 3, 0x204, images, true), SPLIT_3 + "01");
  }

  private void keepsVersionFour(ChunkSplit split, String bytes) throws IOException {
    assertThat(HexFormat.of().formatHex(splits.serialize(split))).isEqualTo(bytes);
    ChunkSplit read = splits.deserialize(4, HexFormat.of().parseHex(bytes));
    assertThat(read).isEqualTo(split);
    assertThat(read.images()).isEqualTo(split.images());
    assertThat(read.suspect()).isEqualTo(split.suspect());
  }

  @Test
  void keepsVersionOneOfStates() throws IOException {
    assertThat(states.deserialize(1, HexFormat.of().parseHex(STATE)))
        .isEqualTo(state(Shuffle.SAMPLE));
  }

  @Test
  void keepsVersionTwoOfStates() {
    assertThat(states.deserialize(2, HexFormat.of().parseHex(STATE + "00")))
        .isEqualTo(state(Shuffle.SAMPLE));
    assertThat(states.deserialize(2, HexFormat.of().parseHex(STATE + "01")))
        .isEqualTo(state(Shuffle.BLOCK));
    assertThat(states.deserialize(2, HexFormat.of().parseHex(STATE + "02")))
        .isEqualTo(new ChunkEnumeratorState.Unreadable("unknown order 2"));
  }

  @Test
  void keepsVersionsThreeAndFourOfStates() throws IOException {
    keepsVersionThree(state(Shuffle.SAMPLE), "00" + STATE + "00");
    keepsVersionThree(state(Shuffle.BLOCK), "00" + STATE + "01");
    keepsVersionThree(continuous(), CONTINUOUS);
    keepsVersionThree(
        new ChunkEnumeratorState.Continuous(
            Optional.empty(),
            new ArrivalLogHeader(9, 0.25, 2, 6),
            4,
            3,
            0,
            List.of(),
            "",
            Map.of()),
        CONTINUOUS_WITHOUT_LOG);
    assertThat(states.deserialize(3, HexFormat.of().parseHex("02" + STATE + "00")))
        .isEqualTo(new ChunkEnumeratorState.Unreadable("unknown kind of run 2"));
    assertThatThrownBy(() -> states.serialize(new ChunkEnumeratorState.Unreadable("damaged")))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot store a state that could not be read: Unreadable[problem=damaged]");
  }

  private void keepsVersionThree(ChunkEnumeratorState state, String bytes) throws IOException {
    assertThat(states.deserialize(3, HexFormat.of().parseHex(bytes))).isEqualTo(state);
    keepsVersionFour(state, bytes + "00000000");
    keepsVersionFour(
        state.withRefused(Map.of(7L, "bad", 1L << 32, "")),
        bytes
            + "00000002" // refused
            + "0000000000000007"
            + "00000003"
            + "626164" // bad
            + "0000000100000000"
            + "00000000");
  }

  private void keepsVersionFour(ChunkEnumeratorState state, String bytes) throws IOException {
    assertThat(states.getVersion()).isEqualTo(4);
    assertThat(HexFormat.of().formatHex(states.serialize(state))).isEqualTo(bytes);
    assertThat(states.deserialize(4, HexFormat.of().parseHex(bytes))).isEqualTo(state);
  }

  private static ChunkEnumeratorState.Continuous continuous() {
    return new ChunkEnumeratorState.Continuous(
        Optional.of(new ArrivalLogReference("file:/l", 1024, "b".repeat(64))),
        new ArrivalLogHeader(9, 0.25, 2, 6),
        4,
        3,
        17,
        List.of(3L, 7L),
        "k://t",
        Map.of(2, 1L << 32, 0, 8L));
  }

  @Test
  void namesUnknownVersions() {
    assertThatThrownBy(() -> splits.deserialize(5, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessage("source split has format version 5; this build reads versions 1 to 4");
    assertThat(states.deserialize(0, new byte[0]))
        .isEqualTo(
            new ChunkEnumeratorState.Unreadable(
                "format version 0; this build reads versions 1 to 4"));
  }

  @Test
  void refusesTruncatedAndHostileBytesWithoutAllocating() throws IOException {
    byte[] bytes = splits.serialize(split());
    for (int length = 0; length < bytes.length; length++) {
      byte[] truncated = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> splits.deserialize(4, truncated)).isInstanceOf(IOException.class);
    }
    bytes[20] = 0x7F;
    assertThatThrownBy(() -> splits.deserialize(4, bytes))
        .isInstanceOf(IOException.class)
        .hasMessage("2130706434 elements cannot follow in 81 bytes");
    for (ChunkEnumeratorState each : List.of(state(Shuffle.BLOCK), continuous())) {
      byte[] state = states.serialize(each);
      for (int length = 0; length < state.length; length++) {
        assertThat(states.deserialize(4, Arrays.copyOf(state, length)))
            .isInstanceOf(ChunkEnumeratorState.Unreadable.class);
      }
      assertThat(states.deserialize(4, Arrays.copyOf(state, state.length + 3)))
          .isEqualTo(new ChunkEnumeratorState.Unreadable("3 bytes too many"));
    }
  }
}
