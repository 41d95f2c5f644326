package io.simmim.pipeline.export;

import io.simmim.trainer.interop.ForeignExport;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.parameter.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The page that people see first: how a model is loaded, what it is, and how it was trained, as far
 * as the output of its run tells.
 */
record ModelCard(ModelConfig model, ForeignExport export, RunFacts facts, CardContent content) {

  /**
   * The page of a model.
   *
   * @param converted whether it was read in a library's layout
   */
  static ModelCard of(
      PortableModel portable, ForeignExport export, RunFacts facts, boolean converted) {
    ModelConfig model = portable.model();
    CardContent content =
        portable.isClassifier()
            ? new ClassifierCard(portable.head().orElseThrow(), export, facts)
            : new MaskedModelCard(model, export, facts);
    return new ModelCard(model, export, facts, converted ? new ConvertedCard(content) : content);
  }

  String text() {
    return "%s# %s\n\n%s\n\n## Use\n\n```python\n%s```\n\n%s\n## Model\n\n%s\n## Training\n\n%s\n%s## Limits\n\n%s"
        .formatted(
            header(),
            content.title(encoderTitle()),
            content.introduction(),
            content.lines(),
            content.afterUse(),
            shape(),
            training(),
            content.results(),
            limits());
  }

  /** What the hub reads. A licence is for whoever publishes the weights to say. */
  private String header() {
    List<String> lines = new ArrayList<>();
    lines.add("library_name: " + export.library().title());
    lines.add("pipeline_tag: " + content.task());
    lines.add("license: other");
    lines.add("license_name: not-stated");
    facts
        .initial()
        .ifPresent(base -> lines.add("base_model: \"%s\"".formatted(base.replace("\"", ""))));
    lines.add("tags:");
    content.tags().forEach(tag -> lines.add("- " + tag));
    return "---\n" + String.join("\n", lines) + "\n---\n\n";
  }

  private String encoderTitle() {
    return switch (model.encoder().type()) {
      case VIT -> "Vision Transformer";
      case SWIN -> "Swin Transformer";
      case SWINV2 -> "Swin Transformer V2";
      case RESNET -> "Residual network";
    };
  }

  private String shape() {
    EncoderConfig encoder = model.encoder();
    List<String> rows = new ArrayList<>();
    rows.add(CardTable.row("class", "`" + export.architecture() + "`"));
    rows.addAll(content.shape());
    rows.add(CardTable.row("parameters", String.format(Locale.ROOT, "%,d", parameters())));
    rows.add(
        CardTable.row(
            "images", String.format(Locale.ROOT, "%1$d × %1$d pixels, RGB", model.imageSize())));
    rows.add(
        CardTable.row(
            "patches", String.format(Locale.ROOT, "%1$d × %1$d pixels", encoder.patchSize())));
    rows.add(CardTable.row("width", Integer.toString(encoder.embedDim())));
    rows.add(CardTable.row("blocks", joined(encoder.depth())));
    if (!encoder.numHeads().isEmpty()) {
      rows.add(CardTable.row("attention heads", joined(encoder.numHeads())));
    }
    if (encoder.type().hasWindows()) {
      rows.add(
          CardTable.row(
              "attention windows",
              String.format(Locale.ROOT, "%1$d × %1$d patches", encoder.windowSize())));
    }
    return CardTable.of(rows);
  }

  private long parameters() {
    return export.tensors().tensors().stream().mapToLong(TensorSpec::elements).sum();
  }

  private String training() {
    List<String> rows = new ArrayList<>(content.training());
    CardTable.add(rows, "epochs", facts.step().epochs());
    CardTable.add(rows, "steps", facts.step().last("step"));
    CardTable.add(rows, "images seen", facts.step().last("images_seen"));
    CardTable.add(rows, "base learning rate", facts.value("schedule.base-learning-rate"));
    CardTable.add(rows, "weight decay", facts.value("optimizer.weight-decay"));
    CardTable.add(rows, "precision", facts.value("training.precision"));
    CardTable.add(rows, "loss of the last step", facts.step().last("loss"));
    String known =
        facts.run().isEmpty()
            ? "The folder that this was made of is not that of a run, so nothing more is known.\n"
            : "The images themselves are not named here: say which they are before you publish this.\n";
    return rows.isEmpty() ? known : CardTable.of(rows) + "\n" + known;
  }

  private String limits() {
    return content.limits()
        + """
         It was not examined for bias.
        The licence depends on the images and on weights that training began with: whoever publishes this states it.
        """;
  }

  private static String joined(List<Integer> values) {
    return String.join(", ", values.stream().map(String::valueOf).toList());
  }
}
