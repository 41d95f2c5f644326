package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.OtherDigits;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.schemas.evaluation.ModelFindings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

class JsonTextTest {
  @Test
  @ExtendWith(OtherDigits.class)
  void hasTheSameKeysInEveryLanguage() {
    FeatureQuality quality =
        new FeatureQuality(List.of(new Vote(20, 5, 8, 10)), 7.5, 192, 10, Optional.empty());

    String line = JsonText.of(new ModelFindings(8, 1, false, Optional.of(quality), ""));

    assertThat(line).contains("\"knn20_top1\":0.5", "\"knn20_top5\":0.8");
    assertThat(ShownNames.neighbours(20, 1)).isEqualTo("evaluation/knn_20_top_1");
  }
}
