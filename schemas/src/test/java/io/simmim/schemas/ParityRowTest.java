package io.simmim.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonFactory;
import org.junit.jupiter.api.Test;

class ParityRowTest {
  @Test
  void saysWhereAFileOfARecordingIsNoJson() {
    Throwable failure = catchThrowable(() -> new JsonFactory().createParser("?").nextToken());

    assertThat(ParityRow.failed("a recording", failure).detail())
        .contains(": it is no JSON: ")
        .endsWith(" (line 1, column 1)")
        .doesNotContain("Source");
  }
}
