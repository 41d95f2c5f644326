package io.simmim.trainer.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.device.Validation;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.model.classifier.ClassificationModel;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.ClassifierDescription;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that a fine-tuning is made of.
 *
 * @param model the classifier
 * @param labels of the images that it learns from
 * @param layerDecay see {@link io.simmim.trainer.model.classifier.LayerDecay}
 * @param recipe what is done to micro-batches
 * @param validating what it is measured on after each epoch
 */
public record FinetuningConfig(
    ClassifierConfig model,
    ImageLabels labels,
    TrainingSettings settings,
    double layerDecay,
    BatchRecipe recipe,
    Validation.Factory validating)
    implements LearnerConfig {

  public FinetuningConfig {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(labels, "labels");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(recipe, "recipe");
    Objects.requireNonNull(validating, "validating");
    if (labels.classes().size() != model.classes()) {
      throw new IllegalArgumentException(
          "the labels must be of %d classes: %d"
              .formatted(model.classes(), labels.classes().size()));
    }
  }

  @Override
  public int imageSize() {
    return model.imageSize();
  }

  @Override
  public Learner create(InitialState initial) throws IOException {
    return new LabelledTraining(
        this, ClassifierTraining.create(model, settings, layerDecay, initial));
  }

  @Override
  public FittedWeights fit(String origin, NamedTensors file) throws IOException {
    return FittedWeights.ofClassifier(origin, new ClassificationModel(model).parameters(), file);
  }

  @Override
  public ObjectNode description() {
    return new ClassifierDescription(model, labels.classes()).json();
  }

  @Override
  public Optional<Validation.Factory> validation() {
    return Optional.of(validating);
  }
}
