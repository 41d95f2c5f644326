package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.trainer.optimizer.CosineSchedule;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.optimizer.MultiStepSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The schedule of a recorded run, whose lengths are in steps and whose rates are not scaled. */
final class RecordedSchedule {
  private RecordedSchedule() {}

  /** Empty if the kind is not known. */
  static Optional<LearningRateSchedule> parse(JsonNode json, double base) {
    double warmupRate = json.path("warmup_lr").asDouble();
    long warmup = json.path("warmup_steps").asLong();
    return switch (json.path("name").asText()) {
      case "cosine" ->
          Optional.of(
              new CosineSchedule(
                  base,
                  warmupRate,
                  json.path("min_lr").asDouble(),
                  warmup,
                  json.path("t_initial_steps").asLong()));
      case "multistep", "step" -> milestones(json, base, warmupRate, warmup);
      default -> Optional.empty();
    };
  }

  private static Optional<LearningRateSchedule> milestones(
      JsonNode json, double base, double warmupRate, long warmup) {
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
    return Optional.of(new MultiStepSchedule(base, warmupRate, warmup, milestones, gamma));
  }
}
