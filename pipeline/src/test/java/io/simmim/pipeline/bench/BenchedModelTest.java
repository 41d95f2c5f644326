package io.simmim.pipeline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.config.Presets;
import io.simmim.trainer.classification.FinetuningConfig;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.model.classifier.Pooling;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchedModelTest {
  @Test
  void isTheClassifierOfAFinetuningWithItsRecipe() {
    BenchedModel model = BenchedModel.of("finetune-vit-base-100ep", List.of(), 8);

    assertThat(model.learner())
        .isInstanceOfSatisfying(
            FinetuningConfig.class,
            classifier -> {
              assertThat(classifier.layerDecay()).isEqualTo(0.65);
              assertThat(classifier.model().pooling()).isEqualTo(Pooling.MEAN);
              assertThat(classifier.model().imageSize()).isEqualTo(224);
              assertThat(classifier.model().encoder().relativePositionBias())
                  .isEqualTo(RelativePositionBias.PER_BLOCK);
              assertThat(classifier.recipe().mixing().mixupAlpha()).isEqualTo(0.8);
              assertThat(classifier.recipe().erasing().probability()).isEqualTo(0.25);
            });
  }

  @Test
  void isOfEachPresetWhatTheCommandTrains() {
    for (String preset : Presets.names()) {
      assertThat(BenchedModel.of(preset, List.of(), 1).learner())
          .as(preset)
          .isInstanceOf(
              preset.startsWith("finetune-") ? FinetuningConfig.class : TrainerConfig.class);
    }
  }

  @Test
  void takesChangesOfAFinetuning() {
    BenchedModel model = BenchedModel.of("finetune-tiny", List.of("finetune.layer-decay=0.5"), 1);

    assertThat(((FinetuningConfig) model.learner()).layerDecay()).isEqualTo(0.5);
  }
}
