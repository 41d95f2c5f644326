package io.simmim.pipeline.export;

import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.interop.ForeignExport;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.Library;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Of a model that was fine-tuned. */
record ClassifierCard(ClassifierHead head, ForeignExport export, RunFacts facts)
    implements CardContent {
  private static final int MOST_NAMES = 20;

  @Override
  public String task() {
    return "image-classification";
  }

  @Override
  public List<String> tags() {
    return List.of("image-classification", "simmim");
  }

  @Override
  public String title(String encoder) {
    return String.format(
        Locale.ROOT,
        "%s, fine-tuned to tell %,d %s",
        encoder,
        head.classes(),
        head.classes() == 1 ? "class" : "classes");
  }

  @Override
  public String introduction() {
    return "The model says which class an image is of. It was trained on images with labels"
        + (facts.initial().isPresent() ? ", and began with the weights of another\nmodel." : ".");
  }

  @Override
  public String lines() {
    if (export.library() == Library.TIMM) {
      return """
      import timm

      model = timm.create_model("local-dir:THIS_FOLDER", pretrained=True).eval()
      transform = timm.data.create_transform(**timm.data.resolve_data_config(model.pretrained_cfg))
      probabilities = model(transform(image.convert("RGB")).unsqueeze(0)).softmax(-1)[0]
      """
          + (head.names().isEmpty()
              ? "number = probabilities.argmax()\n"
              : "name = model.pretrained_cfg[\"label_names\"][probabilities.argmax()]\n");
    }
    return """
    from transformers import pipeline

    classify = pipeline("image-classification", model="THIS_FOLDER")
    classify(image)
    """;
  }

  @Override
  public String afterUse() {
    return head.names().isEmpty()
        ? "The names of the classes are not known; their numbers count from 0.\n"
        : "The names of the classes are in `config.json`.\n";
  }

  @Override
  public List<String> shape() {
    boolean few = !head.names().isEmpty() && head.classes() <= MOST_NAMES;
    String names =
        ": " + String.join(", ", head.names().stream().map(ClassifierCard::plain).toList());
    return List.of(
        CardTable.row(
            "classes", String.format(Locale.ROOT, "%,d", head.classes()) + (few ? names : "")));
  }

  /** A name that is no markup. */
  private static String plain(String name) {
    return CardTable.cell(name).replaceAll("[`*_<>\\[\\]]", "\\\\$0");
  }

  @Override
  public List<String> training() {
    List<String> rows = new ArrayList<>();
    CardTable.add(rows, "images with labels", facts.images());
    CardTable.add(rows, "began with weights", facts.initial());
    CardTable.add(rows, "decay of rates from layer to layer", facts.value("finetune.layer-decay"));
    CardTable.add(rows, "RandAugment", facts.value("finetune.rand-augment"));
    CardTable.add(rows, "Mixup", facts.value("finetune.mixup"));
    CardTable.add(rows, "CutMix", facts.value("finetune.cutmix"));
    CardTable.add(rows, "label smoothing", facts.value("finetune.label-smoothing"));
    CardTable.add(rows, "random erasing", facts.value("finetune.erase-probability"));
    CardTable.add(rows, "stochastic depth", facts.value("encoder.drop-path-rate"));
    return rows;
  }

  @Override
  public String results() {
    if (facts.accuracy().isEmpty()) {
      return "";
    }
    EpochAccuracy accuracy = facts.accuracy().get();
    List<String> rows = new ArrayList<>();
    rows.add(CardTable.row("top-1", percent(accuracy.top1(), accuracy.images())));
    rows.add(CardTable.row("top-5", percent(accuracy.top5(), accuracy.images())));
    rows.add(CardTable.row("images", Long.toString(accuracy.images())));
    rows.add(
        CardTable.row("mean cross entropy", String.format(Locale.ROOT, "%.4f", accuracy.loss())));
    rows.add(CardTable.row("measured after epoch", Integer.toString(accuracy.epoch() + 1)));
    return "## Results\n\nOn the validation set of the run, shorter side to 256 / 224 of the model's, centre cut out:\n\n"
        + CardTable.of(rows)
        + "\n";
  }

  private static String percent(long part, long all) {
    return String.format(Locale.ROOT, "%.2f %%", 100.0 * part / all);
  }

  @Override
  public String limits() {
    return "It knows no other classes than these, and says one of them of any image.";
  }
}
