package io.simmim.trainer.interop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.NormConfig;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.ClassifierDescription;
import io.simmim.trainer.model.classifier.Pooling;
import io.simmim.trainer.model.encoder.EncoderType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A fine-tuned model, as it is written here: under the names of the official fine-tuning code. */
final class OfficialClassifier implements ForeignKind {
  static final String ID = "simmim-classifier";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Library library() {
    return Library.SIMMIM;
  }

  @Override
  public String architecture(PortableModel model) {
    return KebabCase.of(model.encoder().type());
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return true;
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    if (!model.isClassifier()) {
      return Optional.of("the official fine-tuning code has classifiers alone");
    }
    double epsilon = model.model().norms().epsilon();
    return epsilon == NormConfig.OFFICIAL.epsilon()
        ? Optional.empty()
        : Optional.of(
            "the official fine-tuning code has layer norms with epsilon %s, this model %s"
                .formatted(NormConfig.OFFICIAL.epsilon(), epsilon));
  }

  @Override
  public boolean hasHead() {
    return false;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    ClassifierHead head = model.head().orElseThrow();
    boolean plain =
        model.encoder().type() == EncoderType.VIT && !model.model().norms().behindPooling();
    ClassifierConfig classifier =
        new ClassifierConfig(
            model.model().imageSize(),
            model.encoder(),
            plain ? Pooling.CLASS_TOKEN : Pooling.MEAN,
            head.classes(),
            false,
            model.model().normalization());
    json.setAll(new ClassifierDescription(classifier, head.names()).json());
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    ClassifierConfig classifier = ClassifierDescription.parse(config.text()).model();
    int patches = classifier.imageSize() / classifier.encoder().patchSize();
    NormConfig norms = new NormConfig(NormConfig.OFFICIAL.epsilon(), classifier.normsMean());
    return ModelConfig.simmim(classifier.imageSize(), patches, classifier.encoder())
        .withNorms(norms)
        .withNormalization(classifier.normalization());
  }

  @Override
  public Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    ClassifierDescription description = ClassifierDescription.parse(config.text());
    return Optional.of(new ClassifierHead(description.model().classes(), description.classes()));
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    return NameTable.read(
        id() + ".names",
        Map.of("norm", model.model().norms().behindPooling() ? "fc_norm" : "norm"));
  }
}
