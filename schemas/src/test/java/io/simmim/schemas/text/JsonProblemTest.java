package io.simmim.schemas.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonProblemTest {
  /** The parser's own words for it have more than one line, and speak of its options. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": [ | Unexpected end-of-input: expected close marker for Array (start marker at line"
            + " 1, column 7) (line 1, column 8)",
        "{\"a\": ?} | Unexpected character ('?' (code 63)): expected a valid value (JSON String,"
            + " Number, Array, Object or token 'null', 'true' or 'false') (line 1, column 7)"
      })
  void isToldInOneLineWithItsPlace(String text, String problem) {
    JsonProcessingException failure = failure(text);

    assertThat(failure.getMessage()).contains("[Source: REDACTED");
    assertThat(JsonProblem.of(failure)).isEqualTo("it is no JSON: " + problem);
    assertThat(PrintableText.reason(failure)).isEqualTo("it is no JSON: " + problem);
  }

  private static JsonProcessingException failure(String text) {
    return catchThrowableOfType(
        JsonProcessingException.class,
        () -> {
          try (JsonParser parser = new JsonFactory().createParser(text)) {
            while (parser.nextToken() != null) {}
          }
        });
  }
}
