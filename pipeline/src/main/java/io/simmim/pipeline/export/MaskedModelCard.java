package io.simmim.pipeline.export;

import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.interop.ForeignExport;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.objective.ObjectiveSettings;
import java.util.ArrayList;
import java.util.List;

/** Of a model that was pre-trained. */
record MaskedModelCard(ModelConfig model, ForeignExport export, RunFacts facts)
    implements CardContent {
  private ObjectiveSettings objective() {
    return ObjectiveSettings.of(model.objective().type());
  }

  @Override
  public String task() {
    return "image-feature-extraction";
  }

  @Override
  public List<String> tags() {
    return List.of(
        "masked-image-modeling", "self-supervised", KebabCase.of(model.objective().type()));
  }

  @Override
  public String title(String encoder) {
    return "%s, pre-trained with %s".formatted(encoder, objective().method());
  }

  @Override
  public String introduction() {
    return objective().explanation();
  }

  @Override
  public String lines() {
    if (export.library() == Library.TIMM) {
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

  @Override
  public String afterUse() {
    if (export.hasHead()) {
      return "`%s` has the head that predicts pixels as well.\n".formatted(export.architecture());
    }
    return "The folder holds the encoder alone, without a head that predicts pixels.\n";
  }

  @Override
  public List<String> shape() {
    return List.of();
  }

  @Override
  public List<String> training() {
    List<String> rows = new ArrayList<>();
    rows.add(CardTable.row("target", KebabCase.of(model.target().type()) + targetDetail()));
    rows.add(CardTable.row("loss", KebabCase.of(model.loss().type())));
    CardTable.add(rows, "images", facts.images());
    CardTable.add(rows, "share of an image that is hidden", facts.value("mask.ratio"));
    CardTable.add(rows, "side of what is hidden, pixels", facts.value("mask.patch-size"));
    return rows;
  }

  private String targetDetail() {
    if (model.target().normPerCell()) {
      return ", normalised within each patch";
    }
    return model.target().normPatchSize() > 0 ? ", normalised by their neighbourhood" : "";
  }

  @Override
  public String results() {
    return "";
  }

  @Override
  public String limits() {
    return "The features are those of pre-training: for most tasks they are to be fine-tuned.";
  }
}
