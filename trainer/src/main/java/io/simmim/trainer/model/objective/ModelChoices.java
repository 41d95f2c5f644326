package io.simmim.trainer.model.objective;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.TargetConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * The choices that make a model, whatever its images and masks.
 *
 * @param objective how masked images are learned from
 * @param encoder shape of the encoder
 * @param head what predicts from features
 * @param target what is predicted
 * @param loss how far off a prediction is
 */
public record ModelChoices(
    ObjectiveConfig objective,
    EncoderConfig encoder,
    HeadConfig head,
    TargetConfig target,
    LossConfig loss)
    implements Serializable {
  public ModelChoices {
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(encoder, "encoder");
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(loss, "loss");
  }
}
