package io.simmim.schemas.text;

import com.fasterxml.jackson.core.JsonProcessingException;

/** Text of others, such as names of files, as people may be shown it. */
public final class PrintableText {
  private static final int LONGEST_REASON = 1000;

  private PrintableText() {}

  /**
   * The text on one line. What does not show, ends lines, or tells a terminal something (control
   * characters, changes of direction, halves of characters) is written by its code point, as {@code
   * \u005cu{a}}.
   */
  public static String of(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              switch (Character.getType(point)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    shown.append("\\u{").append(Integer.toHexString(point)).append('}');
                default -> shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }

  /** Why something stored cannot be read, by the failure of reading it. */
  public static String reason(Exception failure) {
    String message =
        failure instanceof JsonProcessingException json
            ? JsonProblem.of(json)
            : failure.getMessage() == null ? "it ends too early" : failure.getMessage();
    return of(
        message.length() <= LONGEST_REASON ? message : message.substring(0, LONGEST_REASON) + "…");
  }
}
