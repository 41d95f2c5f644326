package io.simmim.pipeline.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.reconstruct.MaskChoice;
import io.simmim.pipeline.reconstruct.Reconstruction;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.classification.ClassifierTraining;
import io.simmim.trainer.classification.FinetuningConfig;
import io.simmim.trainer.classification.ImageLabels;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ClassifierConversionTest {
  private static final int SIZE = 32;
  private static final List<String> CLASSES = List.of("cat", "dog", "a|b");
  private static final String VIT =
      "encoder.type=vit encoder.patch-size=8 encoder.embed-dim=24 encoder.depth=2 encoder.num-heads=2"
          + " encoder.layer-scale-init=0";

  @TempDir private Path folder;
  private ClassifierTraining training;

  private Path write(String changes) throws IOException {
    List<String> assignments = new ArrayList<>(List.of("image.size=" + SIZE, "training.threads=1"));
    assignments.addAll(List.of(changes.split(" ")));
    SimmimConfig config =
        new ConfigLoader()
            .finetuning()
            .validation(List.of("images"))
            .set(assignments)
            .load()
            .config();
    FinetuningConfig finetuning =
        new FinetuningConfig(
            config.classifier(CLASSES.size()),
            new ImageLabels(CLASSES, new int[0]),
            config.settings(),
            config.finetune().layerDecay(),
            config.finetune().recipe(),
            () -> null);
    Path model = folder.resolve("run/model");
    training =
        ClassifierTraining.create(
            finetuning.model(), finetuning.settings(), 1, new InitialState.Random());
    try (StateSnapshot snapshot = training.snapshot(Gradients.NONE)) {
      new ModelWriter(finetuning).write(new org.apache.flink.core.fs.Path(model.toUri()), snapshot);
    }
    return model;
  }

  private Path convert(Path from, ExportFormat format, String to) throws IOException {
    Path target = folder.resolve(to);
    new ModelConversion(
            ModelFolder.find("--from", from.toString()),
            format,
            target.toString(),
            Optional.of(folder.resolve(to + ".st")))
        .run();
    return target;
  }

  private float[] sample(String export, String name) throws IOException {
    try (SafetensorsFile samples = SafetensorsFile.open(folder.resolve(export + ".st"))) {
      return samples.readFloats(name);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        VIT + " finetune.pooling=mean",
        VIT
            + " finetune.pooling=class-token encoder.absolute-position=true"
            + " encoder.relative-position-bias=none",
        "encoder.type=swin encoder.patch-size=4 encoder.embed-dim=12 encoder.depth=[1,2]"
            + " encoder.num-heads=[1,2] encoder.window-size=4 encoder.relative-position-bias=none"
            + " encoder.layer-scale-init=0",
        "encoder.type=swinv2 encoder.patch-size=4 encoder.embed-dim=12 encoder.depth=[1,2]"
            + " encoder.num-heads=[1,2] encoder.window-size=4 encoder.relative-position-bias=none"
            + " encoder.layer-scale-init=0"
      })
  void saysTheSameInEachLayout(String changes) throws IOException {
    Path model = write(changes);

    Path hugging = convert(model, ExportFormat.HUGGINGFACE, "hugging");
    Path timm = convert(hugging, ExportFormat.TIMM, "timm");
    Path ours = convert(timm, ExportFormat.SIMMIM, "ours");
    Path again = convert(ours, ExportFormat.HUGGINGFACE, "again");

    assertThat(ours.resolve("model.safetensors"))
        .hasSameBinaryContentAs(model.resolve("model.safetensors"));
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(hugging.resolve("model.safetensors"));
    float[] images = sample("hugging", "images");
    float[] logits;
    try (ClassifierTraining trained = training) {
      logits =
          trained.logits(
              MicroBatch.normalised(SIZE, ClassifierTraining.MASK_SIDE, images, new byte[2]));
    }
    for (String export : List.of("hugging", "timm", "ours")) {
      assertThat(sample(export, "images")).isEqualTo(images);
      assertThat(sample(export, "logits")).containsExactly(logits, within(1e-5f));
    }
  }

  @Test
  void hasTheFeaturesOfItsEncoder() throws IOException {
    Path model = write(VIT + " finetune.pooling=mean");
    MicroBatch image = MicroBatch.normalised(SIZE, 4, new float[3 * SIZE * SIZE], new byte[16]);

    try (FrozenEncoder encoder = ModelFolder.find(model.toString()).open("cpu")) {
      assertThat(encoder.features(image).tokens()).hasSize(17 * 24).doesNotContain(Float.NaN);
    }
    training.close();
    assertThatThrownBy(
            () ->
                new Reconstruction(
                        model.toString(),
                        List.of("images"),
                        folder.resolve("it.png").toString(),
                        new MaskChoice("random", OptionalDouble.empty()),
                        1,
                        0,
                        "cpu")
                    .run(new ConfigLoader().load().config(), line -> {}))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--model must have a head for pixels, as models that were pre-trained have; this is a"
                + " classifier: "
                + model);
  }

  @Test
  void tellsWhatTheRunFoundItWorth() throws IOException {
    Path model = write(VIT + " finetune.pooling=mean");
    training.close();
    Files.writeString(
        folder.resolve("run/run.json"),
        "{\"identity\":{\"training.epochs\":\"3\",\"finetune.mixup\":\"0.2\"},\"catalog\":{\"size\":50}}");
    Files.writeString(
        folder.resolve("run/validation.jsonl"),
        """
        {"epoch":1,"step":8,"top1":0.125,"top5":1.0,"images":40,"loss":1.25}
        {"epoch":2,"step":12,"top1":0.575,"top5":0.975,"images":40,"loss":0.75}
        """);

    Path hugging = convert(model, ExportFormat.HUGGINGFACE, "hugging");
    Path ours = convert(model, ExportFormat.SIMMIM, "ours");
    Path timm = convert(ours, ExportFormat.TIMM, "timm");

    assertThat(hugging.resolve("README.md"))
        .content()
        .startsWith(
            "---\nlibrary_name: transformers\npipeline_tag: image-classification\nlicense: other\n")
        .contains("# Vision Transformer, fine-tuned to tell 3 classes\n")
        .contains("| class | `BeitForImageClassification` |\n| classes | 3: cat, dog, a\\|b |\n")
        .contains("| images with labels | 50 |\n| Mixup | 0.2 |\n")
        .contains(
            """
            | top-1 | 57.50 % |
            | top-5 | 97.50 % |
            | images | 40 |
            | mean cross entropy | 0.7500 |
            | measured after epoch | 3 |
            """);
    assertThat(timm.resolve("README.md"))
        .content()
        .contains("\n| top-1 | 57.50 % |\n")
        .contains("label_names")
        .contains("so nothing more is known");
  }
}
