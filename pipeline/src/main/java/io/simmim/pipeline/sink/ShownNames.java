package io.simmim.pipeline.sink;

import java.util.Locale;
import java.util.Map;

/**
 * Under which names the numbers of lines are shown by what draws them: TensorBoard and MLflow. Keys
 * are the fields of the lines.
 */
public final class ShownNames {
  /** Of {@code metrics.jsonl}. */
  public static final Map<String, String> STEP =
      Map.of(
          "loss", "train/loss",
          "learning_rate", "train/learning_rate",
          "gradient_norm", "train/gradient_norm",
          "images_per_second", "speed/images_per_second",
          "data_wait_share", "speed/data_wait_share",
          "fetch_wait_share", "speed/fetch_wait_share",
          "decode_wait_share", "speed/decode_wait_share",
          "network_wait_share", "speed/network_wait_share",
          "images_seen", "images/seen",
          "rejected_images", "images/rejected");

  /** Of {@code validation.jsonl}. */
  public static final Map<String, String> VALIDATION =
      Map.of(
          "top1", "validation/top_1",
          "top5", "validation/top_5",
          "loss", "validation/loss");

  /** Of {@code evaluation.jsonl}, besides those of the neighbours. */
  public static final Map<String, String> EVALUATION =
      Map.of(
          "effective_rank", "evaluation/effective_rank",
          "probe_top1", "evaluation/probe_top_1",
          "probe_top5", "evaluation/probe_top_5",
          "probe_layer", "evaluation/probe_layer");

  private ShownNames() {}

  /** Of a number of neighbours that voted, the share of images with the class among the first. */
  public static String neighbours(int neighbours, int first) {
    return String.format(Locale.ROOT, "evaluation/knn_%d_top_%d", neighbours, first);
  }
}
