package io.simmim.pipeline.export;

import java.util.List;

/**
 * Of a model that was read in a library's layout: how it was trained is not known here, and nothing
 * is claimed of it.
 *
 * @param known what would be said of a model of ours, for what is the same
 */
record ConvertedCard(CardContent known) implements CardContent {
  @Override
  public String task() {
    return known.task();
  }

  @Override
  public List<String> tags() {
    return List.of(known.task());
  }

  @Override
  public String title(String encoder) {
    return encoder + ", converted";
  }

  @Override
  public String introduction() {
    return "The weights are those of another folder, which was in the layout of transformers or timm. Only their"
        + " layout is new.";
  }

  @Override
  public String lines() {
    return known.lines();
  }

  @Override
  public String afterUse() {
    return known.afterUse();
  }

  @Override
  public List<String> shape() {
    return known.shape();
  }

  @Override
  public List<String> training() {
    return List.of();
  }

  @Override
  public String results() {
    return "";
  }

  @Override
  public String limits() {
    return "The page of the folder that the weights came from says how they were trained, and what for.";
  }
}
