package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.PlanState;
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
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

class SourceSerializersTest {
  private static final String SPLIT =
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

  /** Next chunk, returned chunks, refused images. */
  private static final String POSITION =
      "0000000000000011" // next chunk
          + "00000002" // returned
          + "0000000000000003"
          + "0000000000000007"
          + "00000002" // refused
          + "0000000000000007"
          + "00000003"
          + "626164" // bad
          + "0000000100000000"
          + "00000000";

  private static final String START = "0000000000000105"; // start number

  private static final String LISTED =
      "00" // listed images
          + "ffffffffffffffff" // seed
          + "00000007"
          + "66696c653a2f63" // file:/c
          + "00000040"
          + "61".repeat(64) // digest
          + "0000000000000064" // catalog size
          + "0000000000000064" // images
          + "00000005" // epochs
          + "00000004" // micro-batch
          + "00000003" // accumulation
          + "00000002"; // chunk-images

  private static final String ARRIVING =
      "01" // arriving images
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
          + "00000005"
          + "6b3a2f2f74" // topic
          + "00000002" // partitions
          + "00000000"
          + "0000000000000008"
          + "00000002"
          + "0000000100000000";

  private static final String ARRIVING_WITHOUT_LOG =
      "01" // arriving images
          + "00" // without a log
          + "0000000000000009" // seed
          + "3fd0000000000000" // replay share
          + "00000002" // chunk-images
          + "0000000000000006" // chunks per step
          + "00000004" // micro-batch
          + "00000003" // accumulation
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

  private static PlanState.Listed listed(Shuffle shuffle) {
    return new PlanState.Listed(
        -1,
        shuffle,
        new CatalogReference("file:/c", "a".repeat(64), 100),
        new BatchPlan(100, 5, 4, 3, 2));
  }

  private static PlanState.Arriving arriving() {
    return new PlanState.Arriving(
        Optional.of(new ArrivalLogReference("file:/l", 1024, "b".repeat(64))),
        new ArrivalLogHeader(9, 0.25, 2, 6),
        4,
        3,
        "k://t",
        Map.of(2, 1L << 32, 0, 8L));
  }

  private static ChunkEnumeratorState.Progress state(PlanState images) {
    return new ChunkEnumeratorState.Progress(
        images, 17, List.of(3L, 7L), Map.of(7L, "bad", 1L << 32, ""), 0x105);
  }

  @Test
  void keepsVersionFiveOfSplits() throws IOException {
    List<ImageRef> images = List.of(new ImageRef(9, "file:/d", 512, 1024, "x", "", "v:1"));

    keepsVersionFive(new ChunkSplit(0x102, 3, 0x204, images), SPLIT + "00", "02ac2b65");
    keepsVersionFive(new ChunkSplit(0x102, 3, 0x204, images, true), SPLIT + "01", "f0c7a866");
  }

  private void keepsVersionFive(ChunkSplit split, String bytes, String checksum)
      throws IOException {
    assertThat(splits.getVersion()).isEqualTo(5);
    assertThat(HexFormat.of().formatHex(splits.serialize(split))).isEqualTo(bytes + checksum);
    requireEqual(splits.deserialize(5, HexFormat.of().parseHex(bytes + checksum)), split);
    requireEqual(splits.deserialize(4, HexFormat.of().parseHex(bytes)), split);
  }

  private static void requireEqual(ChunkSplit read, ChunkSplit split) {
    assertThat(read).isEqualTo(split);
    assertThat(read.images()).isEqualTo(split.images());
    assertThat(read.suspect()).isEqualTo(split.suspect());
  }

  @Test
  void keepsVersionSevenOfStates() throws IOException {
    keepsVersionSeven(state(listed(Shuffle.SAMPLE)), START + POSITION + LISTED + "00", "7977865a");
    keepsVersionSeven(state(listed(Shuffle.BLOCK)), START + POSITION + LISTED + "01", "8b1c0559");
    keepsVersionSeven(state(arriving()), START + POSITION + ARRIVING, "7c1190f0");
    keepsVersionSeven(
        ChunkEnumeratorState.Progress.start(
            new PlanState.Arriving(
                Optional.empty(), new ArrivalLogHeader(9, 0.25, 2, 6), 4, 3, "", Map.of())),
        "0".repeat(48) + ARRIVING_WITHOUT_LOG,
        "cd0777a9");
    assertThat(states.deserialize(6, HexFormat.of().parseHex(START + POSITION + LISTED + "02")))
        .isEqualTo(new ChunkEnumeratorState.Unreadable("unknown order 2"));
    assertThat(states.deserialize(6, HexFormat.of().parseHex(START + POSITION + "02")))
        .isEqualTo(new ChunkEnumeratorState.Unreadable("unknown kind of images 2"));
    assertThatThrownBy(() -> states.serialize(new ChunkEnumeratorState.Unreadable("damaged")))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot store a state that could not be read: Unreadable[problem=damaged]");
  }

  private void keepsVersionSeven(ChunkEnumeratorState state, String bytes, String checksum)
      throws IOException {
    assertThat(states.getVersion()).isEqualTo(7);
    assertThat(HexFormat.of().formatHex(states.serialize(state))).isEqualTo(bytes + checksum);
    assertThat(states.deserialize(7, HexFormat.of().parseHex(bytes + checksum))).isEqualTo(state);
    assertThat(states.deserialize(6, HexFormat.of().parseHex(bytes))).isEqualTo(state);
  }

  /** A position that is believed makes the job wait for a chunk that nobody sends. */
  @Test
  void noticesEveryChangedBit() throws IOException {
    byte[] split = splits.serialize(split());
    byte[] state = states.serialize(state(arriving()));
    for (int bit = 0; bit < 8 * split.length; bit++) {
      byte[] changed = withChangedBit(split, bit);
      assertThatThrownBy(() -> splits.deserialize(5, changed))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the checkpoint is damaged: a chunk that was being read: ")
          .hasMessageEndingWith("; choose another checkpoint with --resume PATH")
          .hasCauseInstanceOf(SuppressRestartsException.class);
    }
    for (int bit = 0; bit < 8 * state.length; bit++) {
      assertThat(states.deserialize(7, withChangedBit(state, bit)))
          .isInstanceOf(ChunkEnumeratorState.Unreadable.class);
    }
  }

  private static byte[] withChangedBit(byte[] bytes, int bit) {
    byte[] changed = bytes.clone();
    changed[bit / 8] ^= (byte) (1 << bit % 8);
    return changed;
  }

  @Test
  void readsVersionFiveOfStatesWhichDidNotCountStarts() {
    ChunkEnumeratorState.Progress counted = state(listed(Shuffle.BLOCK));

    assertThat(states.deserialize(5, HexFormat.of().parseHex(POSITION + LISTED + "01")))
        .isEqualTo(
            new ChunkEnumeratorState.Progress(
                counted.images(), 17, counted.returned(), counted.refused(), 0));
  }

  @Test
  void namesUnknownVersions() {
    assertThatThrownBy(() -> splits.deserialize(6, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessage("source split has format version 6; this build reads versions 4 and 5");
    assertThat(states.deserialize(4, new byte[0]))
        .isEqualTo(
            new ChunkEnumeratorState.Unreadable(
                "format version 4; this build reads versions 5 to 7"));
  }

  @Test
  void refusesTruncatedAndHostileBytesWithoutAllocating() throws IOException {
    byte[] bytes = content(splits.serialize(split()));
    for (int length = 0; length < bytes.length; length++) {
      byte[] truncated = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> splits.deserialize(4, truncated)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> splits.deserialize(5, truncated)).isInstanceOf(IOException.class);
    }
    bytes[20] = 0x7F;
    assertThatThrownBy(() -> splits.deserialize(4, bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(": 2130706434 elements cannot follow in 81 bytes; ");
    for (ChunkEnumeratorState each : List.of(state(listed(Shuffle.BLOCK)), state(arriving()))) {
      byte[] state = content(states.serialize(each));
      for (int length = 0; length < state.length; length++) {
        byte[] truncated = Arrays.copyOf(state, length);
        assertThat(states.deserialize(6, truncated))
            .isInstanceOf(ChunkEnumeratorState.Unreadable.class);
        assertThat(states.deserialize(7, truncated))
            .isInstanceOf(ChunkEnumeratorState.Unreadable.class);
      }
      assertThat(states.deserialize(6, Arrays.copyOf(state, state.length + 3)))
          .isEqualTo(new ChunkEnumeratorState.Unreadable("3 bytes too many"));
    }
  }

  /** Without the checksum. */
  private static byte[] content(byte[] stored) {
    return Arrays.copyOf(stored, stored.length - Integer.BYTES);
  }
}
