package io.simmim.trainer.parity;

import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.parity.RecordedSteps.Look;
import io.simmim.trainer.parity.RecordedTensors.Expected;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Trains a recorded model from its recorded parameters on its recorded inputs. */
final class ModelCase {
  private static final double TENSOR_TOLERANCE = 5e-5;
  private static final double RATE_TOLERANCE = 1e-6;

  /** Stands before the names of the recorded parameters. */
  private static final String PARAMETER = "param.";

  /**
   * Of gradient norms and parameters after the first step where targets are normalised locally: in
   * flat regions these divide by the rounding error of a sum. The official code itself differs by
   * 4.5e-5 between two processors there.
   */
  private static final double LOCALLY_NORMALISED_TOLERANCE = 2e-4;

  /** Recorded models are small: more threads would mostly wait for each other. */
  private static final int THREADS = 1;

  private final RecordedModel recorded;
  private final Path path;
  private final String device;
  private final Agreement agreement;

  ModelCase(String name, RecordedModel recorded, Path path, String device) {
    this.recorded = recorded;
    this.path = path;
    this.device = device;
    this.agreement = new Agreement(name);
  }

  ParityRow run() throws IOException {
    ModelChoices model = recorded.model();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      TrainerConfig config =
          new TrainerConfig(
              new ModelConfig(recorded.imageSize(), maskSide(file), model, false),
              ClusterColors.NONE,
              recorded.optimizer(),
              Precision.FP32,
              THREADS,
              device,
              0);
      if (hasParameters(config, file)) {
        InitialState initial = new InitialState.Weights(new SafetensorsTensors(file, PARAMETER));
        try (TrainingModel trained = TrainingModel.create(config, initial)) {
          train(trained, changed -> TrainingModel.create(config, changed), file);
        }
      }
    }
    compareRates();
    return agreement.row();
  }

  private int maskSide(SafetensorsFile file) throws IOException {
    return drawsMasks(file)
        ? recorded.imageSize() / recorded.model().encoder().patchSize()
        : file.tensor("masks").size(1);
  }

  /** Whether the recording has noise that decides which patches are masked. */
  private static boolean drawsMasks(SafetensorsFile file) {
    return file.tensors().containsKey("noise");
  }

  /** Whether the file has the parameters of this model, so that it can be trained. */
  private boolean hasParameters(TrainerConfig config, SafetensorsFile file) {
    List<ParameterSpec> specs = new MaskedImageModel(config.model(), config.colors()).parameters();
    Set<String> expected = new HashSet<>();
    for (TensorEntry entry : file.tensors().values()) {
      if (entry.name().startsWith(PARAMETER)) {
        expected.add(entry.name().substring(PARAMETER.length()) + entry.shape());
      }
    }
    Set<String> found = new HashSet<>();
    specs.forEach(spec -> found.add(spec.name() + spec.tensor().shape()));
    agreement.require("names and shapes of the parameters", found.equals(expected));
    if (!recorded.decaying().isEmpty()) {
      Set<String> decaying =
          specs.stream()
              .filter(ParameterSpec::decays)
              .map(ParameterSpec::name)
              .collect(Collectors.toSet());
      agreement.require(
          "parameters with weight decay", decaying.equals(Set.copyOf(recorded.decaying())));
    }
    return found.equals(expected);
  }

  private void train(TrainingModel model, RoundingCondition.Factory factory, SafetensorsFile file)
      throws IOException {
    int maskSide = maskSide(file);
    comparePrediction(model, batch(file, 0, maskSide), file);
    RecordedSteps steps =
        new RecordedSteps(
            recorded.losses(),
            recorded.gradientNorms(),
            step -> batch(file, step, maskSide),
            step -> scale -> recorded.learningRates()[step]);
    boolean sensitive = recorded.model().target().normPatchSize() > 0;
    try (StateSnapshot start = model.snapshot(Gradients.NONE)) {
      Map<String, float[]> results =
          steps.train(
              model,
              batch -> RecordedTensors.compareGradients(agreement, model, factory, batch, file));
      Map<String, Expected> expected =
          sensitive ? steps.expected(LOCALLY_NORMALISED_TOLERANCE) : steps.expected();
      expected.putAll(
          RecordedTensors.expected(
              file, results.keySet(), sensitive ? LOCALLY_NORMALISED_TOLERANCE : TENSOR_TOLERANCE));
      RecordedTensors.compare(
          agreement, results, expected, factory, start, other -> steps.train(other, Look.NONE));
    }
  }

  private MicroBatch batch(SafetensorsFile file, int step, int maskSide) throws IOException {
    int size = recorded.imageSize();
    int batch = recorded.batch();
    ByteBuffer pixels =
        RecordedTensors.rows(file, "images", (long) batch * 3 * size * size * Float.BYTES, step);
    float[] values = new float[pixels.remaining() / Float.BYTES];
    pixels.asFloatBuffer().get(values);
    byte[] masks = new byte[batch * maskSide * maskSide];
    if (drawsMasks(file)) {
      ByteBuffer noise =
          RecordedTensors.rows(file, "noise", (long) masks.length * Float.BYTES, step);
      maskByNoise(noise.asFloatBuffer(), recorded.maskRatio(), maskSide * maskSide, masks);
      return MicroBatch.normalised(size, maskSide, values, masks);
    }
    Dtype type = file.tensor("masks").dtype();
    if (type != Dtype.U8 && type != Dtype.BOOL) {
      throw new IOException(path + ": masks must be of type U8 or BOOL: " + type);
    }
    RecordedTensors.rows(file, "masks", masks.length, step).get(masks);
    return MicroBatch.normalised(size, maskSide, values, masks);
  }

  /** Of each image the patches with the smallest scores stay visible. */
  static void maskByNoise(FloatBuffer noise, double ratio, int patches, byte[] masks) {
    int visible = (int) (patches * (1 - ratio));
    for (int first = 0; first < masks.length; first += patches) {
      int image = first;
      IntStream.range(0, patches)
          .boxed()
          .sorted(Comparator.comparingDouble(patch -> noise.get(image + patch)))
          .skip(visible)
          .forEach(patch -> masks[image + patch] = 1);
    }
  }

  private void comparePrediction(TrainingModel model, MicroBatch batch, SafetensorsFile file)
      throws IOException {
    if (file.tensors().containsKey("encoder_out")) {
      agreement.compare(
          "encoder_out",
          Layout.channelsFirst(model.headInput(batch), file.tensor("encoder_out")),
          file.readFloats("encoder_out"),
          TENSOR_TOLERANCE);
    }
    if (file.tensors().containsKey("reconstruction")) {
      agreement.compare(
          "reconstruction",
          model.reconstruct(batch),
          file.readFloats("reconstruction"),
          TENSOR_TOLERANCE);
    }
    if (file.tensors().containsKey("prediction")) {
      agreement.compare(
          "prediction",
          Layout.patches(
              model.reconstruct(batch),
              recorded.imageSize(),
              recorded.model().encoder().patchSize()),
          file.readFloats("prediction"),
          TENSOR_TOLERANCE);
    }
  }

  private void compareRates() {
    Optional<LearningRateSchedule> schedule =
        RecordedSchedule.parse(recorded.schedule(), recorded.baseLearningRate());
    double[] rates = recorded.learningRates();
    for (int step = 0; schedule.isPresent() && step < rates.length; step++) {
      agreement.compare(
          "learning rate of step " + step,
          schedule.get().ofStep(step),
          rates[step],
          RATE_TOLERANCE);
    }
  }
}
