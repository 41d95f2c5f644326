package io.simmim.pipeline.export;

import io.simmim.schemas.text.PrintableText;
import java.util.List;
import java.util.Optional;

/** Tables of a model's page: a name and a value in each row. */
final class CardTable {
  private CardTable() {}

  static String of(List<String> rows) {
    return "| | |\n|---|---|\n" + String.join("\n", rows) + "\n";
  }

  static String row(String name, String value) {
    return "| %s | %s |".formatted(name, value);
  }

  /** Adds a row, if the value is known. */
  static void add(List<String> rows, String name, Optional<String> value) {
    value.ifPresent(known -> rows.add(row(name, cell(known))));
  }

  /** Text of somebody else, which ends neither the cell nor the line. */
  static String cell(String text) {
    return PrintableText.of(text).replace("|", "\\|");
  }
}
