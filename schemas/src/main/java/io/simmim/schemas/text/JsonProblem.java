package io.simmim.schemas.text;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** Why a text is no JSON, as people may be told: the parser's own messages speak of its options. */
public final class JsonProblem {
  /** How the parser tells a place within a message. */
  private static final Pattern PLACE =
      Pattern.compile("\\[Source: [^]]*; line: (\\d+), column: (\\d+)]");

  private JsonProblem() {}

  /** That a text is none, and why, in one line. */
  public static String of(JsonProcessingException failure) {
    return "it is no JSON: " + reason(failure);
  }

  /** What is wrong with the text and where, in one line. */
  public static String reason(JsonProcessingException failure) {
    String message =
        PLACE
            .matcher(String.valueOf(failure.getOriginalMessage()))
            .replaceAll("line $1, column $2");
    JsonLocation place = failure.getLocation();
    String where =
        place == null || place.getLineNr() < 1
            ? ""
            : " (line %d, column %d)".formatted(place.getLineNr(), place.getColumnNr());
    return PrintableText.of(message.strip()) + where;
  }
}
