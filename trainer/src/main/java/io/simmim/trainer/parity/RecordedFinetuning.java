package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.Pooling;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderSettings;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.optimizer.OptimizerConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The description of a recorded fine-tuning.
 *
 * @param batch images per step
 * @param losses loss of each step
 * @param gradientNorms before clipping, of each step
 * @param parameters by name, what their group is recorded as
 * @param groupRates learning rates of each step, of each group
 * @param schedule of parameters whose base rate is not scaled
 */
record RecordedFinetuning(
    ClassifierConfig model,
    OptimizerConfig optimizer,
    double layerDecay,
    int batch,
    double[] losses,
    double[] gradientNorms,
    Map<String, Parameter> parameters,
    List<double[]> groupRates,
    LearningRateSchedule schedule) {
  /** Value of {@code task}. */
  static final String TASK = "finetune";

  /**
   * What a recording says of a parameter.
   *
   * @param group column of the rates, or -1 if not recorded
   */
  record Parameter(double rateScale, double weightDecay, int group) {}

  static RecordedFinetuning parse(JsonNode json) throws UnsupportedCaseException {
    JsonNode config = json.path("config");
    JsonNode optimizer = json.path("optimizer");
    EncoderConfig encoder = EncoderSettings.read(config);
    RecordedModel.requireSupported(config, optimizer, encoder);
    boolean vit = encoder.type() == EncoderType.VIT;
    boolean mean = !vit || config.path("use_mean_pooling").asBoolean(true);
    List<double[]> rates = new ArrayList<>();
    json.path("group_lrs").forEach(step -> rates.add(RecordedModel.numbers(step)));
    return new RecordedFinetuning(
        new ClassifierConfig(
            config.path("image_size").asInt(json.path("image_size").asInt()),
            encoder,
            mean ? Pooling.MEAN : Pooling.CLASS_TOKEN,
            json.path("classes").asInt(),
            false),
        RecordedModel.optimizer(optimizer),
        json.path("layer_decay").asDouble(1),
        json.path("batch").asInt(),
        RecordedModel.numbers(json.path("losses")),
        RecordedModel.numbers(json.path("grad_norms")),
        parameters(json),
        rates,
        RecordedSchedule.parse(json.path("schedule"), optimizer.path("lr").asDouble())
            .orElseThrow(() -> new UnsupportedCaseException("the schedule is not there")));
  }

  private static Map<String, Parameter> parameters(JsonNode json) {
    JsonNode groups = json.path("group_of_parameter");
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    json.path("parameters")
        .properties()
        .forEach(
            entry ->
                parameters.put(
                    entry.getKey(),
                    new Parameter(
                        entry.getValue().path("lr_scale").asDouble(),
                        entry.getValue().path("weight_decay").asDouble(),
                        groups.path(entry.getKey()).asInt(-1))));
    return parameters;
  }

  int steps() {
    return losses.length;
  }
}
