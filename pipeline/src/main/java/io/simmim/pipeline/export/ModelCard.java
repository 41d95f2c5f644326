package io.simmim.pipeline.export;

import io.simmim.schemas.text.KebabCase;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.interop.ForeignExport;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.parameter.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The page that people see first: how a model is loaded, what it is, and how it was trained, as far
 * as the output of its run tells.
 */
record ModelCard(ModelConfig model, ForeignExport export, RunFacts facts) {

  String text() {
    return "%s# %s\n\n%s\n\n## Use\n\n```python\n%s```\n\n%s\n## Model\n\n%s\n## Training\n\n%s\n## Limits\n\n%s"
        .formatted(
            header(), title(), introduction(), lines(), afterUse(), shape(), training(), limits());
  }

  private boolean isTransformers() {
    return export.library() == Library.HUGGINGFACE;
  }

  private boolean isMae() {
    return model.objective().type() == ObjectiveType.MAE;
  }

  /** What the hub reads. A licence is for whoever publishes the weights to say. */
  private String header() {
    List<String> lines = new ArrayList<>();
    lines.add("library_name: " + export.library().title());
    lines.add("pipeline_tag: image-feature-extraction");
    lines.add("license: other");
    lines.add("license_name: not-stated");
    facts
        .value("init-from")
        .filter(base -> !base.isBlank())
        .ifPresent(base -> lines.add("base_model: \"%s\"".formatted(base.replace("\"", ""))));
    lines.add("tags:");
    lines.add("- masked-image-modeling");
    lines.add("- self-supervised");
    lines.add("- " + (isMae() ? "mae" : "simmim"));
    return "---\n" + String.join("\n", lines) + "\n---\n\n";
  }

  private String title() {
    return "%s, pre-trained with %s".formatted(encoderTitle(), isMae() ? "MAE" : "SimMIM");
  }

  private String encoderTitle() {
    return switch (model.encoder().type()) {
      case VIT -> "Vision Transformer";
      case SWIN -> "Swin Transformer";
      case SWINV2 -> "Swin Transformer V2";
      case RESNET -> "Residual network";
    };
  }

  private String introduction() {
    return isMae()
        ? "The encoder learned from images without labels: it sees a quarter of an image's patches, and a decoder"
            + " predicts\nthe pixels of the others (He et al., *Masked Autoencoders Are Scalable Vision Learners*,"
            + " CVPR 2022)."
        : "The encoder learned from images without labels: patches are hidden, and a small head predicts what"
            + " was there\n(Xie et al., *SimMIM: A Simple Framework for Masked Image Modeling*, CVPR 2022).";
  }

  private String lines() {
    if (!isTransformers()) {
      return """
      import timm

      model = timm.create_model("local-dir:THIS_FOLDER", pretrained=True).eval()
      transform = timm.data.create_transform(**timm.data.resolve_data_config(model.pretrained_cfg))
      features = model.forward_features(transform(image.convert("RGB")).unsqueeze(0))
      """;
    }
    return """
    from transformers import AutoImageProcessor, AutoModel

    processor = AutoImageProcessor.from_pretrained("THIS_FOLDER")
    model = AutoModel.from_pretrained("THIS_FOLDER")
    features = model(**processor(image, return_tensors="pt")).last_hidden_state
    """;
  }

  private String afterUse() {
    if (export.hasHead()) {
      return "`%s` has the head that predicts pixels as well.\n".formatted(export.architecture());
    }
    return "The folder holds the encoder alone: the library has no place for the head that predicts pixels"
        + " and for the mask token.\n";
  }

  private String shape() {
    EncoderConfig encoder = model.encoder();
    List<String> rows = new ArrayList<>();
    rows.add(row("class", "`" + export.architecture() + "`"));
    rows.add(row("parameters", String.format(Locale.ROOT, "%,d", parameters())));
    rows.add(row("images", "%1$d × %1$d pixels, RGB".formatted(model.imageSize())));
    rows.add(row("patches", "%1$d × %1$d pixels".formatted(encoder.patchSize())));
    rows.add(row("width", Integer.toString(encoder.embedDim())));
    rows.add(row("blocks", joined(encoder.depth())));
    if (!encoder.numHeads().isEmpty()) {
      rows.add(row("attention heads", joined(encoder.numHeads())));
    }
    if (encoder.type().hasWindows()) {
      rows.add(row("attention windows", "%1$d × %1$d patches".formatted(encoder.windowSize())));
    }
    return table(rows);
  }

  private long parameters() {
    return export.tensors().tensors().stream().mapToLong(TensorSpec::elements).sum();
  }

  private String training() {
    List<String> rows = new ArrayList<>();
    rows.add(row("target", KebabCase.of(model.target().type()) + targetDetail()));
    rows.add(row("loss", KebabCase.of(model.loss().type())));
    add(rows, "images", facts.images());
    add(rows, "share of an image that is hidden", facts.value("mask.ratio"));
    add(rows, "side of what is hidden, pixels", facts.value("mask.patch-size"));
    add(rows, "epochs", facts.value("training.epochs"));
    add(rows, "steps", facts.last("step"));
    add(rows, "images seen", facts.last("images_seen"));
    add(rows, "base learning rate", facts.value("schedule.base-learning-rate"));
    add(rows, "weight decay", facts.value("optimizer.weight-decay"));
    add(rows, "precision", facts.value("training.precision"));
    add(rows, "loss of the last step", facts.last("loss"));
    String known =
        facts.run().isEmpty()
            ? "The folder that this was made of is not that of a run, so nothing more is known.\n"
            : "The images themselves are not named here: say which they are before you publish this.\n";
    return table(rows) + "\n" + known;
  }

  private String targetDetail() {
    if (model.target().normPerCell()) {
      return ", normalised within each patch";
    }
    return model.target().normPatchSize() > 0 ? ", normalised by their neighbourhood" : "";
  }

  private static String limits() {
    return """
    The features are those of pre-training: for most tasks they are to be fine-tuned. They were not examined for
    bias. The licence depends on the images and on weights that training began with: whoever publishes this states it.
    """;
  }

  private static void add(List<String> rows, String name, Optional<String> value) {
    value.ifPresent(known -> rows.add(row(name, PrintableText.of(known))));
  }

  private static String row(String name, String value) {
    return "| %s | %s |".formatted(name, value);
  }

  private static String table(List<String> rows) {
    return "| | |\n|---|---|\n" + String.join("\n", rows) + "\n";
  }

  private static String joined(List<Integer> values) {
    return String.join(", ", values.stream().map(String::valueOf).toList());
  }
}
