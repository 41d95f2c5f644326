package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.schemas.HeapAllocation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class S3NotificationsFuzzTest {
  private static final long ALLOWED_BYTES = 256 << 10;

  /** Jackson makes a tree of each record. */
  private static final int ALLOWED_PER_BYTE = 200;

  private static final List<String> ROOTS =
      List.of("s3://photos/train", "s3a://more", "s3://photos/one.jpg", "file:/photos");

  private final S3Notifications notifications = new S3Notifications(ROOTS, List.of());

  static Stream<byte[]> messages() {
    return Stream.concat(
            S3Messages.examples(),
            Stream.of(
                "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\"}", "{\"Records\":[[]]}"))
        .map(message -> message.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("messages")
  @FuzzTest
  void areArrivalsOrCounted(byte[] message) throws Exception {
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + (long) ALLOWED_PER_BYTE * message.length,
        () -> notifications.parse(message, "t/0@1"));
    ArrivalBatch batch = notifications.parse(message, "t/0@1");

    assertThat(batch.skipped().keySet()).hasSizeLessThan(20);
    for (Arrival arrival : batch.arrivals()) {
      requireInput(arrival.uri());
      assertThat(arrival.length()).isBetween(0L, 1L << 50);
      assertThat(arrival.version()).matches("(?s)|[ve]:.+");
    }
  }

  static void requireInput(String uri) {
    assertThat(uri).matches("(?s)(s3://photos/(train/|one\\.jpg)|s3a://more/).*");
    assertThat(new Path(uri).toString()).isEqualTo(uri);
    assertThat(uri.substring(4).split("/")).doesNotContain("..", ".");
    assertThat(uri.toLowerCase(Locale.ROOT)).matches("(?s).*\\.(jpe?g|png|tar)");
  }
}
