package io.simmim.trainer.model.classifier;

import io.simmim.trainer.model.NormConfig;
import io.simmim.trainer.model.SharedSource;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A classifier and its loss, the cross entropy with soft targets, as the official fine-tuning code
 * of SimMIM has them; MAE's differs in the names of a ViT's attention biases alone. Parameters have
 * the names of that code: those of the encoder without {@code encoder.}, then {@code fc_norm} where
 * a ViT's mean is normalised, then {@code head}.
 */
public final class ClassificationModel implements TrainableModel {
  private static final double HEAD_STD = 0.02;

  /** A ViT begins with logits near zero, both in SimMIM's and in MAE's code. */
  private static final double VIT_HEAD_FACTOR = 0.001;

  private final ClassifierConfig config;
  private final Encoder encoder;
  private final ParameterList own;
  private final List<ParameterSpec> parameters;

  public ClassificationModel(ClassifierConfig config) {
    this.config = config;
    encoder = Encoder.ofClassifier(config.encoder(), config.imageSize(), !config.normsMean());
    own = new ParameterList("", encoder.parameters().size());
    if (config.normsMean()) {
      own.addNorm("fc_norm", "fc_norm", encoder.width(), 1);
    }
    own.addExactLinear("head", "head", head(), config.classes(), encoder.width());
    parameters = new ArrayList<>(encoder.parameters());
    parameters.addAll(own.specs());
  }

  private Initializer head() {
    return config.encoder().type() == EncoderType.VIT
        ? Initializer.truncatedNormal(HEAD_STD, VIT_HEAD_FACTOR)
        : Initializer.normal(HEAD_STD);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
  }

  /**
   * Which images of a micro-batch skip which branches.
   *
   * @param number of the micro-batch in the whole run
   */
  public DropPath dropPath(int images, long seed, long number) {
    return DropPath.draw(encoder.dropPathRates(), images, seed, number);
  }

  /** Nothing is skipped, as in evaluation. */
  public DropPath noDropPath(int images) {
    return DropPath.none(encoder.dropPathRates().length, images);
  }

  /** The index of a pass. */
  public PatchIndex index(DropPath dropPath) {
    return switch (config.pooling()) {
      case MEAN -> PatchIndex.ofCells(encoder, dropPath);
      case CLASS_TOKEN -> PatchIndex.ofClassTokens(encoder, dropPath);
    };
  }

  /** Adds, besides those of the gradients, the method {@code logits}. */
  @Override
  public TorchScriptSource addTo(TorchScriptSource source, Precision precision) {
    SharedSource.addBlocks(source, encoder, precision);
    source.define("parameters", parameters.size());
    source.define("vit_epsilon", NormConfig.OFFICIAL.epsilon());
    source.define("vit_last_norm", !config.normsMean());
    encoder.addTo(source, SharedSource.NORMALIZATION_CONSTANTS);
    SharedSource.addPixels(source);
    Map<String, Object> values = new LinkedHashMap<>(own.places());
    values.putIfAbsent("fc_norm_weight", 0);
    values.putIfAbsent("fc_norm_bias", 0);
    values.put("norms_mean", config.normsMean());
    values.put("takes_mean", config.pooling() == Pooling.MEAN);
    values.put("width", encoder.width());
    values.put("targets", PatchIndex.TARGETS);
    values.put("patch_side", encoder.patchSide());
    values.put("patch", encoder.patchSize());
    source.add(ClassificationModel.class, "classification.torchscript", values);
    SharedSource.addGradients(
        source, encoder, config.recompute(), ParameterLayout.of(parameters, precision));
    return source;
  }

  @Override
  public int derivedTensors() {
    return encoder.derivedTensors();
  }

  @Override
  public List<ConstantTensor> constants() {
    List<ConstantTensor> constants =
        new ArrayList<>(SharedSource.constants(config.normalization()));
    constants.addAll(encoder.constants());
    return constants;
  }
}
