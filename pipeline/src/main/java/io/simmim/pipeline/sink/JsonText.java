package io.simmim.pipeline.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.checkpoint.CheckpointCost.Written;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.schemas.evaluation.ModelFindings;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Records as one line of JSON; keys in snake case, as Python readers expect. */
final class JsonText {
  static final String STEP = "step";
  static final String CHECKPOINT = "checkpoint";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonText() {}

  static String of(StepMetrics metrics) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put(STEP, metrics.step());
    line.put("epoch", metrics.epoch());
    line.put("images_seen", metrics.imagesSeen());
    line.put("images", metrics.images());
    number(line, "loss", metrics.loss());
    number(line, "learning_rate", metrics.learningRate());
    number(line, "gradient_norm", metrics.gradientNorm());
    number(line, "images_per_second", metrics.imagesPerSecond());
    number(line, "data_wait_share", metrics.dataWaitShare());
    number(line, "fetch_wait_share", rounded(metrics.dataWait().fetching()));
    number(line, "decode_wait_share", rounded(metrics.dataWait().decoding()));
    number(line, "network_wait_share", rounded(metrics.dataWait().network()));
    line.put("rejected_images", metrics.rejectedImages());
    line.put("time", Instant.ofEpochMilli(metrics.epochMillis()).toString());
    return write(line);
  }

  static String of(CheckpointCost cost) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put(CHECKPOINT, cost.checkpoint());
    line.put("kind", cost.savepoint() ? "savepoint" : "checkpoint");
    line.put(STEP, cost.step());
    Optional<Written> written = cost.written();
    line.put("bytes", written.map(Written::bytes).orElse(null));
    line.put("seconds", written.map(it -> seconds(it.complete())).orElse(null));
    line.put("upload_seconds", written.map(it -> seconds(it.upload())).orElse(null));
    line.put("stall_seconds", seconds(cost.stall()));
    line.put("time", Instant.ofEpochMilli(cost.epochMillis()).toString());
    return write(line);
  }

  /** That a run goes on from a checkpoint, and how far it had been before. */
  static String restart(CheckpointCost from, long epochMillis) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put(CHECKPOINT, from.checkpoint());
    line.put("kind", "restart");
    line.put(STEP, from.step());
    line.put("reached_step", from.before().map(Reached::step).orElse(null));
    line.put(
        "reached_time",
        from.before().map(it -> Instant.ofEpochMilli(it.epochMillis()).toString()).orElse(null));
    line.put("time", Instant.ofEpochMilli(epochMillis).toString());
    return write(line);
  }

  /** To a tenth of a millisecond. */
  private static double seconds(Duration duration) {
    return rounded(duration.toNanos() / 1e9);
  }

  static String of(EpochAccuracy accuracy) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("epoch", accuracy.epoch());
    line.put(STEP, accuracy.step());
    number(line, "top1", (double) accuracy.top1() / accuracy.images());
    number(line, "top5", (double) accuracy.top5() / accuracy.images());
    line.put("images", accuracy.images());
    number(line, "loss", accuracy.loss());
    line.put("time", Instant.ofEpochMilli(accuracy.epochMillis()).toString());
    return write(line);
  }

  static String of(ModelFindings findings) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put(STEP, findings.step());
    line.put("epoch", findings.epoch());
    FeatureQuality quality = findings.quality().orElseThrow();
    for (Vote vote : quality.votes()) {
      number(line, String.format(Locale.ROOT, "knn%d_top1", vote.neighbours()), vote.top1Share());
      number(line, String.format(Locale.ROOT, "knn%d_top5", vote.neighbours()), vote.top5Share());
      line.put("knn_images", vote.images());
    }
    number(line, "effective_rank", quality.effectiveRank());
    line.put("feature_width", quality.width());
    line.put("rank_images", quality.rankImages());
    quality
        .probe()
        .ifPresent(
            probe -> {
              number(line, "probe_top1", probe.top1Share());
              number(line, "probe_top5", probe.top5Share());
              line.put("probe_images", probe.images());
              line.put("probe_layer", probe.layer());
              line.put("probe_features", probe.classToken() ? "class" : "mean");
              number(line, "probe_learning_rate", probe.rate());
            });
    return write(line);
  }

  static String of(RejectedImage image) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("uri", image.uri());
    line.put("reason", image.reason());
    line.put("sample_id", image.sampleId());
    if (!image.version().isEmpty()) {
      line.put("version", image.version());
    }
    if (image.epochMillis() != 0) {
      line.put("time", Instant.ofEpochMilli(image.epochMillis()).toString());
    }
    return write(line);
  }

  /** The whole number under a key of a line, or nothing if the line is not such a line. */
  static OptionalLong number(String line, String key) {
    try {
      JsonNode value = MAPPER.readTree(line).path(key);
      return value.isIntegralNumber() ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
    } catch (JsonProcessingException e) {
      return OptionalLong.empty();
    }
  }

  /** To four decimals. */
  private static double rounded(double value) {
    return Math.rint(value * 1e4) / 1e4;
  }

  /** JSON has no NaN. */
  private static void number(ObjectNode line, String key, double value) {
    if (Double.isFinite(value)) {
      line.put(key, value);
    } else {
      line.putNull(key);
    }
  }

  private static String write(ObjectNode line) {
    try {
      return MAPPER.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
