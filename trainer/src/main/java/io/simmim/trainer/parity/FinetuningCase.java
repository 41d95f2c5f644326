package io.simmim.trainer.parity;

import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.classification.ClassifierTraining;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.model.classifier.ClassificationModel;
import io.simmim.trainer.model.classifier.LayerDecay;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.optimizer.ParameterGroup;
import io.simmim.trainer.parity.RecordedFinetuning.Parameter;
import io.simmim.trainer.parity.RecordedSteps.Look;
import io.simmim.trainer.parity.RecordedTensors.Expected;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fine-tunes a recorded classifier from its recorded parameters on its recorded inputs. */
final class FinetuningCase {
  private static final double TENSOR_TOLERANCE = 5e-5;
  private static final double RATE_TOLERANCE = 1e-6;

  /** Stands before the names of the recorded parameters. */
  private static final String PARAMETER = "param.";

  private static final int THREADS = 1;

  private final RecordedFinetuning recorded;
  private final Path path;
  private final TrainingSettings settings;
  private final Agreement agreement;

  FinetuningCase(String name, RecordedFinetuning recorded, Path path, String device) {
    this.recorded = recorded;
    this.path = path;
    this.settings = new TrainingSettings(recorded.optimizer(), Precision.FP32, THREADS, device, 0);
    this.agreement = new Agreement(name);
  }

  ParityRow run() throws IOException {
    List<ParameterSpec> specs = new ClassificationModel(recorded.model()).parameters();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      if (hasParameters(specs, file)) {
        compareGroups(specs);
        try (ClassifierTraining model =
            create(new InitialState.Weights(new SafetensorsTensors(file, PARAMETER)))) {
          train(model, file);
        }
      }
    }
    return agreement.row();
  }

  private ClassifierTraining create(InitialState initial) throws IOException {
    return ClassifierTraining.create(recorded.model(), settings, recorded.layerDecay(), initial);
  }

  private boolean hasParameters(List<ParameterSpec> specs, SafetensorsFile file) {
    Set<String> expected = new HashSet<>();
    for (TensorEntry entry : file.tensors().values()) {
      if (entry.name().startsWith(PARAMETER)) {
        expected.add(entry.name().substring(PARAMETER.length()) + entry.shape());
      }
    }
    Set<String> found = new HashSet<>();
    specs.forEach(spec -> found.add(spec.name() + spec.tensor().shape()));
    agreement.require("names and shapes of the parameters", found.equals(expected));
    return found.equals(expected);
  }

  /** Scale and decay of each parameter, and the rates of its group at each step. */
  private void compareGroups(List<ParameterSpec> specs) {
    LayerDecay layers = new LayerDecay(recorded.model().encoder(), recorded.layerDecay());
    Map<String, ParameterGroup> groups = new HashMap<>();
    for (ParameterGroup group : layers.groups(specs, recorded.optimizer().weightDecay())) {
      group.members().forEach(member -> groups.put(specs.get(member).name(), group));
    }
    agreement.require(
        "parameters in groups", groups.keySet().equals(recorded.parameters().keySet()));
    recorded
        .parameters()
        .forEach(
            (name, parameter) -> {
              if (groups.containsKey(name)) {
                compareGroup(name, groups.get(name), parameter);
              }
            });
  }

  private void compareGroup(String name, ParameterGroup group, Parameter parameter) {
    agreement.compare("scale of " + name, group.rateScale(), parameter.rateScale(), RATE_TOLERANCE);
    agreement.compare(
        "weight decay of " + name, group.weightDecay(), parameter.weightDecay(), RATE_TOLERANCE);
    if (parameter.group() < 0) {
      return;
    }
    for (int step = 0; step < recorded.groupRates().size(); step++) {
      double[] rates = recorded.groupRates().get(step);
      agreement.require("there is a rate of " + name, parameter.group() < rates.length);
      if (parameter.group() < rates.length) {
        agreement.compare(
            "rate of %s in step %d".formatted(name, step),
            recorded.schedule().scaledBy(group.rateScale()).ofStep(step),
            rates[parameter.group()],
            RATE_TOLERANCE);
      }
    }
  }

  private void train(ClassifierTraining model, SafetensorsFile file) throws IOException {
    if (file.tensors().containsKey("logits")) {
      float[] logits = model.logits(batch(file, 0));
      agreement.compare("logits", logits, file.readFloats("logits"), TENSOR_TOLERANCE);
    }
    RecordedSteps steps =
        new RecordedSteps(
            recorded.losses(), recorded.gradientNorms(), step -> batch(file, step), this::rates);
    try (StateSnapshot start = model.snapshot(Gradients.NONE)) {
      Map<String, float[]> results =
          steps.train(
              model,
              batch ->
                  RecordedTensors.compareGradients(agreement, model, this::create, batch, file));
      Map<String, Expected> expected = steps.expected();
      expected.putAll(RecordedTensors.expected(file, results.keySet(), TENSOR_TOLERANCE));
      RecordedTensors.compare(
          agreement,
          results,
          expected,
          this::create,
          start,
          other -> steps.train(other, Look.NONE));
    }
  }

  private ScaledRates rates(int step) {
    return scale -> recorded.schedule().scaledBy(scale).ofStep(step);
  }

  private MicroBatch batch(SafetensorsFile file, int step) throws IOException {
    int size = recorded.model().imageSize();
    int images = recorded.batch();
    float[] pixels = floats(file, "images", images * 3 * size * size, step);
    float[] targets = floats(file, "targets", images * recorded.model().classes(), step);
    return MicroBatch.normalised(size, ClassifierTraining.MASK_SIDE, pixels, new byte[images])
        .withTargets(targets);
  }

  private static float[] floats(SafetensorsFile file, String name, int count, int step)
      throws IOException {
    ByteBuffer rows = RecordedTensors.rows(file, name, (long) count * Float.BYTES, step);
    float[] values = new float[count];
    rows.asFloatBuffer().get(values);
    return values;
  }
}
