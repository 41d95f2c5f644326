package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/** An input is a key in UTF-16, so that it can be no text. */
@Timeout(20)
class S3KeysFuzzTest {
  private static final long ALLOWED_BYTES = 64 << 10;

  /**
   * Copies of the key, path and message. A thousand names of one letter take 105; a search puts
   * something into each comparison of two names, which makes it 15 times as much.
   */
  private static final int ALLOWED_PER_BYTE = Boolean.getBoolean("jazzer.hooks") ? 512 : 128;

  private final S3Keys keys =
      new S3Keys(List.of("s3://photos/train", "s3a://more", "s3://photos/one.jpg"), List.of());

  static Stream<byte[]> keys() {
    return Stream.of(
            "train/a+b%20c%C3%A4.jpg",
            "train/50%20off.tar",
            "one.jpg",
            "train/../a.jpg",
            "train//a.jpg",
            "train/\uD83D\uDE00.jpeg",
            "train/a%00.jpg")
        .map(key -> key.getBytes(StandardCharsets.UTF_16BE));
  }

  @MethodSource("keys")
  @FuzzTest
  void nameAnImageOfTheInputOrNone(byte[] input) throws Exception {
    String key = ByteBuffer.wrap(input).asCharBuffer().toString();
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * input.length, () -> name(key));
  }

  private void name(String key) {
    try {
      S3NotificationsFuzzTest.requireInput(keys.uri("photos", key));
    } catch (SkippedEvent e) {
      assertThat(e.reason()).isNotBlank();
    }
    try {
      S3NotificationsFuzzTest.requireInput(keys.uri("more", S3Keys.decoded(key)));
    } catch (SkippedEvent e) {
      assertThat(e.reason()).isNotBlank();
    }
  }
}
