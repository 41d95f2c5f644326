package io.simmim.schemas.timing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredTimeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "2026-03-01T10:00:00.500Z",
        "9999-12-31T23:59:59.999999999Z"
      })
  void readsWhatAnInstantWrites(String text) {
    assertThat(StoredTime.parse(text)).hasValue(Instant.parse(text));
  }

  /** Some of them are instants that are no whole number of milliseconds in 64 bits. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "1969-12-31T23:59:59Z",
        "+10000-01-01T00:00:00Z",
        "+1000000000-12-31T23:59:59Z",
        "-1000000000-01-01T00:00:00Z"
      })
  void hasNoOthers(String text) {
    assertThat(StoredTime.parse(text)).isEmpty();
  }
}
