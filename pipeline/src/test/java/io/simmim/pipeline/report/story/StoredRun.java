package io.simmim.pipeline.report.story;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/** The output of a run that never was: ten steps of eight images, a second each, and a restart. */
public final class StoredRun {
  /** When the first step began. */
  public static final Instant BEGINNING = Instant.parse("2026-03-01T10:00:00Z");

  /** After which step nothing happened for 60 seconds. */
  public static final int INTERRUPTED_AFTER = 6;

  public static final int STEPS = 10;

  /** Names that a page must not take for markup. */
  public static final String HOSTILE =
      "s3://b/<script>alert(\"1\")</script>&amp;'Größe 日本 🐈\u202e.jpg";

  private StoredRun() {}

  /** Writes it into a folder. */
  public static Path write(Path folder) throws IOException {
    StringBuilder metrics = new StringBuilder();
    for (int step = 1; step <= STEPS; step++) {
      metrics.append(step(step, step + (step > INTERRUPTED_AFTER ? 60 : 0), 1.0 / step));
    }
    metrics.append("{\"step\":11,\"epo");
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("metrics.jsonl"), metrics);
    Files.writeString(
        folder.resolve("rejected.jsonl"),
        rejected(HOSTILE, "truncated after 12 bytes")
            + rejected("b.jpg", "truncated after 1,345 bytes")
            + rejected("c.jpg", "no <b>JPEG</b>")
            + "not JSON\n");
    Files.writeString(
        folder.resolve("run.json"),
        """
        {"format-version":3,"identity":{},"defaults":{},
        "catalog":{"path":"file:/gone/catalog","digest":"%s","size":16}}
        """
            .formatted("0".repeat(64)));
    Files.writeString(
        folder.resolve("config.resolved.yaml"),
        """
        data: {input: ["s3://photos/<b>"]}
        output: s3://runs/one
        image: {size: 96}
        mask: {patch-size: 16}
        encoder: {patch-size: 16, embed-dim: 192, depth: 6, num-heads: 3, absolute-position: true,
          layer-scale-init: 0.0, drop-path-rate: 0.0}
        optimizer: {clip-grad-norm: 5.0}
        schedule: {type: cosine, base-learning-rate: 0.04, warmup-learning-rate: 0.0001,
          min-learning-rate: 0.0004, warmup-epochs: 1}
        training: {epochs: 5, micro-batch: 8, accumulation: 1}
        checkpoint: {interval: 10s}
        flink: {s3.secret-key: hush}
        """);
    return folder;
  }

  /** A line of the metrics; half of a second is spent waiting. */
  public static String step(int step, long end, double loss) {
    return String.format(
        Locale.ROOT,
        "{\"step\":%d,\"epoch\":%d,\"images_seen\":%d,\"images\":8,\"loss\":%s,\"learning_rate\":0.001,"
            + "\"gradient_norm\":2.5,\"images_per_second\":8.0,\"data_wait_share\":0.5,"
            + "\"rejected_images\":3,\"time\":\"%s\"}%n",
        step,
        (step - 1) / 2,
        8 * step,
        loss,
        BEGINNING.plusSeconds(end));
  }

  /** The same line by a build that tells what was waited for: 0.25 + 0.15 + 0.1 of a second. */
  public static String divided(String line) {
    return line.replace(
        "\"rejected_images\"",
        "\"fetch_wait_share\":0.25,\"decode_wait_share\":0.15,\"network_wait_share\":0.1,"
            + "\"rejected_images\"");
  }

  private static String rejected(String uri, String reason) {
    return "{\"uri\":\"%s\",\"reason\":\"%s\",\"sample_id\":1}\n"
        .formatted(uri.replace("\"", "\\\""), reason);
  }
}
