package io.simmim.pipeline.export;

import java.util.List;

/** What a model's page says of a model for one task. */
interface CardContent {
  /** The hub's name of the task. */
  String task();

  List<String> tags();

  /**
   * The headline.
   *
   * @param encoder what the encoder is called
   */
  String title(String encoder);

  String introduction();

  /** Python that uses the model. */
  String lines();

  /** What is to be known of the folder; a paragraph. */
  String afterUse();

  /** Rows for the table of the model's shape. */
  List<String> shape();

  /** Rows for the table of how it was trained. */
  List<String> training();

  /** What it was found to be worth; a section, or empty. */
  String results();

  /** What it is not good for, one sentence. */
  String limits();
}
