package io.simmim.schemas;

/** Text of others, such as names of files, as people may be shown it. */
public final class PrintableText {
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
                    shown.append("\\u{%x}".formatted(point));
                default -> shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }
}
