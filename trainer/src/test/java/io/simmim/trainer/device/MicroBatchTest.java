package io.simmim.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.TensorChunk;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MicroBatchTest {
  private static TensorChunk chunk(int maskSide, int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    int images = bytes.length / 3;
    return new TensorChunk(
        0,
        0,
        1,
        maskSide,
        new long[images],
        bytes,
        new byte[images * maskSide * maskSide],
        List.of());
  }

  @Test
  void joinsChunksInOrder() {
    MicroBatch batch = MicroBatch.of(List.of(chunk(1, 1, 2, 3), chunk(1), chunk(1, 4, 5, 6)));
    ByteBuffer pixels = ByteBuffer.allocate(6);
    batch.copyPixels(pixels);

    assertThat(batch.images()).isEqualTo(2);
    assertThat(pixels.array()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void refusesEmptyAndMixedBatches() {
    assertRefused(() -> MicroBatch.of(List.of()), "a micro-batch must have at least 1 image: 0");
    assertRefused(
        () -> MicroBatch.of(List.of(chunk(1))), "a micro-batch must have at least 1 image: 0");
    assertRefused(
        () -> MicroBatch.of(List.of(chunk(1, 1, 2, 3), chunk(2, 1, 2, 3))),
        "chunks of one micro-batch must have image size 1 and mask side 1: 1, 2");
    assertRefused(
        () -> MicroBatch.normalised(2, 1, new float[13], new byte[1]),
        "pixels must hold images of 3 x 2 x 2 and masks 1 x 1 values each: 13, 1");
  }

  private static void assertRefused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
