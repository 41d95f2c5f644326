package io.simmim.pipeline.report.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.report.checkpoint.Checkpoints.Taken;
import io.simmim.schemas.checkpoint.Reached;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckpointsTest {
  private static final String TIME = "2026-03-01T10:00:00Z";

  private final Checkpoints.Lines lines = new Checkpoints.Lines();

  @Test
  void addsUpHowLongTrainingStoodStill() throws Exception {
    add(1, "1000", "1.5", 0.25);
    add(2, "null", "null", 0.5);

    Checkpoints result = lines.result();

    assertThat(result.count()).isEqualTo(2);
    assertThat(result.stalled()).isEqualTo(Duration.ofMillis(750));
    assertThat(result.longest()).isEqualTo(Duration.ofMillis(500));
    assertThat(result.course())
        .containsExactly(
            new Taken(1, false, 10, Instant.parse(TIME), 1000, 1.5, 1.5, 0.25),
            new Taken(2, false, 20, Instant.parse(TIME), -1, Double.NaN, Double.NaN, 0.5));
    assertThat(result.newest()).extracting(Taken::checkpoint).containsExactly(2L, 1L);
  }

  @Test
  void countsRestarts() throws Exception {
    add(1, "1000", "1.5", 0.25);
    line("{\"checkpoint\":1,\"kind\":\"restart\",\"step\":10,\"time\":\"%s\"}".formatted(TIME));
    line(
        "{\"checkpoint\":1,\"kind\":\"restart\",\"step\":10,\"reached_step\":14,\"reached_time\":\"%s\",\"time\":\"%s\"}"
            .formatted(TIME, TIME));

    assertThat(lines.result().count()).isEqualTo(1);
    assertThat(lines.result().restarts()).isEqualTo(2);
    assertThat(lines.result().restartsAfter())
        .isEqualTo(
            Map.of(
                10L,
                List.of(
                    new Restart(Instant.parse(TIME), Optional.empty()),
                    new Restart(
                        Instant.parse(TIME),
                        Optional.of(new Reached(14, Instant.parse(TIME).toEpochMilli()))))));
  }

  @Test
  void leavesOutLinesThatAreNoneOfOurs() throws Exception {
    line("[]");
    line("{\"checkpoint\":1,\"stall_seconds\":0.1,\"time\":\"yesterday\"}");
    line("{\"checkpoint\":1,\"time\":\"%s\"}".formatted(TIME));
    add(5, "1000", "1", 0.25);
    add(5, "1000", "1", 0.25);
    add(4, "1000", "1", 0.25);

    assertThat(lines.result().count()).isEqualTo(1);
  }

  @Test
  void isBoundedAndKeepsTheLongest() throws Exception {
    for (int i = 1; i <= 3000; i++) {
      add(i, "1000", i == 1234 ? "99" : "1", 0.001);
    }

    Checkpoints result = lines.result();

    assertThat(result.count()).isEqualTo(3000);
    assertThat(result.width()).isEqualTo(16);
    assertThat(result.course()).hasSize((3000 + 15) / 16).anyMatch(taken -> taken.seconds() == 99);
    assertThat(result.course()).extracting(Taken::checkpoint).isSorted();
    assertThat(result.newest()).hasSize(Checkpoints.MOST_NEWEST);
  }

  private void add(int checkpoint, String bytes, String seconds, double stall)
      throws JsonProcessingException {
    line(
        ("{\"checkpoint\":%d,\"kind\":\"checkpoint\",\"step\":%d,\"bytes\":%s,\"seconds\":%s,"
                + "\"upload_seconds\":%s,\"stall_seconds\":%s,\"time\":\"%s\"}")
            .formatted(checkpoint, 10 * checkpoint, bytes, seconds, seconds, stall, TIME));
  }

  private void line(String json) throws JsonProcessingException {
    lines.add(new ObjectMapper().readTree(json));
  }
}
