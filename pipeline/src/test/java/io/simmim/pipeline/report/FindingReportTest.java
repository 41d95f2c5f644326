package io.simmim.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.ModelFindings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FindingReportTest {
  private static String line(boolean picture, Optional<FeatureQuality> quality, String problem) {
    return FindingReport.line(new ModelFindings(20, 1, picture, quality, problem));
  }

  @Test
  void tellsWhatWasFound() {
    FeatureQuality quality = new FeatureQuality(List.of(), 2.5, 192, 512, Optional.empty());

    assertThat(line(true, Optional.of(quality), ""))
        .isEqualTo("step 20  evaluation: effective rank 2.5 of 192, picture step-20.png");
  }

  @Test
  void tellsWhatIsMissingAndWhy() {
    assertThat(line(false, Optional.empty(), "storage is away"))
        .isEqualTo("step 20  no picture or evaluation: storage is away");
    assertThat(line(true, Optional.empty(), "storage is away"))
        .isEqualTo("step 20  picture step-20.png, no evaluation: storage is away");
  }
}
