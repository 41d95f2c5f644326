package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.trainer.optimizer.CosineSchedule;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.optimizer.LinearSchedule;
import io.simmim.trainer.optimizer.MultiStepSchedule;
import io.simmim.trainer.optimizer.WarmUp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The schedule of a recorded run, whose lengths are in steps and whose rates are not scaled. */
final class RecordedSchedule {
  /**
   * The official code's linear schedule ends at this share of the base rate, whatever min_lr is.
   */
  static final double LINEAR_MIN_SHARE = 0.01;

  private RecordedSchedule() {}

  /** Empty if the kind is not known. */
  static Optional<LearningRateSchedule> parse(JsonNode json, double base) {
    WarmUp warmUp =
        new WarmUp(json.path("warmup_lr").asDouble(), base, json.path("warmup_steps").asLong());
    double min = json.path("min_lr").asDouble();
    long total = json.path("t_initial_steps").asLong();
    return switch (json.path("name").asText()) {
      case "cosine" -> Optional.of(new CosineSchedule(warmUp, min, total));
      case "linear" -> Optional.of(new LinearSchedule(warmUp, LINEAR_MIN_SHARE * base, total));
      case "multistep", "step" -> milestones(json, warmUp);
      default -> Optional.empty();
    };
  }

  private static Optional<LearningRateSchedule> milestones(JsonNode json, WarmUp warmUp) {
    List<Long> milestones = new ArrayList<>();
    for (String key : List.of("milestones_steps", "milestones", "multi_steps", "multisteps")) {
      if (milestones.isEmpty()) {
        json.path(key).forEach(step -> milestones.add(step.asLong()));
      }
    }
    if (milestones.isEmpty()) {
      return Optional.empty();
    }
    double gamma = json.path("gamma").asDouble(0.1);
    return Optional.of(new MultiStepSchedule(warmUp, milestones, gamma));
  }
}
