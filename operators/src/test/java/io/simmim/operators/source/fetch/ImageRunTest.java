package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.ImageRef;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageRunTest {
  private static final long MAX = 20 << 20;

  @Test
  void joinsNeighboursInWhateverOrderTheChunkHasThem() {
    List<ImageRun> runs =
        ImageRun.of(
            List.of(
                member("b.tar", 9000, 10),
                member("a.tar", 2000, 100),
                member("a.tar", 512, 1000),
                member("b.tar", 5000, 10)),
            MAX);

    assertThat(runs).extracting(ImageRun::places).containsExactly(List.of(3, 0), List.of(2, 1));
    assertThat(runs).extracting(ImageRun::uri).containsExactly("b.tar", "a.tar");
    assertThat(runs).extracting(ImageRun::offset).containsExactly(5000L, 512L);
    assertThat(runs).extracting(ImageRun::length).containsExactly(4010, 1588);
  }

  @Test
  void readsDistantMembersApart() {
    long far = 1000 + ImageRun.LARGEST_GAP;

    assertThat(lengths(member("a.tar", 900, 100), member("a.tar", far, 5)))
        .containsExactly(ImageRun.LARGEST_GAP + 105);
    assertThat(lengths(member("a.tar", 900, 100), member("a.tar", far + 1, 5)))
        .containsExactly(100, 5);
    // Above 2 GiB from each other.
    assertThat(lengths(member("a.tar", 900, 100), member("a.tar", 1L << 40, 5)))
        .containsExactly(100, 5);
  }

  @Test
  void limitsHowMuchIsReadAtOnce() {
    int half = ImageRun.LARGEST_RUN / 2;

    assertThat(
            lengths(
                member("a.tar", 512, half),
                member("a.tar", 512 + half, half),
                member("a.tar", 512 + 2L * half, 1)))
        .containsExactly(2 * half, 1);
  }

  @Test
  void leavesObjectsAndUnusableMembersAlone() {
    ImageRef broken = new ImageRef(0, "a.tar", 700, 10, "x.jpg", "broken");
    ImageRef huge = member("a.tar", 720, Integer.MAX_VALUE);

    assertThat(
            lengths(
                new ImageRef(0, "a.jpg", 0, 10),
                new ImageRef(1, "b.jpg", 0, 10),
                member("a.tar", 512, 100),
                broken,
                huge,
                member("a.tar", 730, 1)))
        .containsExactly(10, 10, 100, 10, Integer.MAX_VALUE, 1);
  }

  private static List<Integer> lengths(ImageRef... images) {
    return ImageRun.of(List.of(images), MAX).stream().map(ImageRun::length).toList();
  }

  private static ImageRef member(String shard, long offset, int length) {
    return new ImageRef(0, shard, offset, length, "x.jpg", "");
  }
}
