package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ParityRow;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.optimizer.ScheduleConfig;
import io.simmim.trainer.optimizer.ScheduleType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Recorded learning rates by update number, in epochs and after linear scaling. */
final class ScheduleCases {
  private static final double TOLERANCE = 1e-6;
  private static final Map<String, ScheduleType> TYPES =
      Map.of(
          "cosine", ScheduleType.COSINE,
          "linear", ScheduleType.LINEAR,
          "multistep", ScheduleType.MULTISTEP);

  private ScheduleCases() {}

  static List<ParityRow> run(JsonNode json) {
    List<ParityRow> rows = new ArrayList<>();
    int number = 0;
    for (JsonNode schedule : json.path("schedules")) {
      String kind = schedule.path("schedule").asText();
      String name = "lr_schedules.%d %s".formatted(number++, kind);
      Optional<ScheduleType> type = Optional.ofNullable(TYPES.get(kind));
      rows.add(
          type.map(known -> row(name, known, schedule))
              .orElseGet(
                  () -> ParityRow.unsupported(name, "schedule " + kind + " is not supported")));
    }
    return rows;
  }

  private static ParityRow row(String name, ScheduleType type, JsonNode json) {
    try {
      return compare(name, type, json);
    } catch (RuntimeException e) {
      // Values that no schedule can have: of this row, not of those after it.
      return ParityRow.failed(name, e);
    }
  }

  private static ParityRow compare(String name, ScheduleType type, JsonNode json) {
    List<Integer> milestones = new ArrayList<>();
    json.path("milestones_epochs").forEach(epoch -> milestones.add(epoch.asInt()));
    double base = json.path("base_lr").asDouble();
    double min =
        type == ScheduleType.LINEAR
            ? RecordedSchedule.LINEAR_MIN_SHARE * base
            : json.path("min_lr").asDouble();
    // The recorded rates are scaled already: a batch of 1 image, made for 1, leaves them alone.
    ScheduleConfig config =
        new ScheduleConfig(
            type,
            1,
            base,
            json.path("warmup_lr").asDouble(),
            min,
            json.path("warmup_epochs").asDouble(),
            milestones,
            List.of(),
            json.path("gamma").asDouble(1),
            0);
    long steps = json.path("steps_per_epoch").asLong();
    LearningRateSchedule schedule =
        config.forRun(new BatchPlan(steps, json.path("epochs").asInt(), 1, 1, 1));
    Agreement agreement = new Agreement(name);
    json.path("lr_after_step_update")
        .properties()
        .forEach(
            entry ->
                agreement.compare(
                    "update " + entry.getKey(),
                    schedule.afterUpdate(Long.parseLong(entry.getKey())),
                    entry.getValue().asDouble(),
                    TOLERANCE));
    return agreement.row();
  }
}
