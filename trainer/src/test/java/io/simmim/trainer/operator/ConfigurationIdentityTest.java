package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationIdentityTest {
  @Test
  void acceptsEqualValuesInAnyOrder() {
    ConfigurationIdentity one = new ConfigurationIdentity(Map.of("b", "2", "a", "1"));
    ConfigurationIdentity other = new ConfigurationIdentity(Map.of("a", "1", "b", "2"));

    assertThatCode(() -> one.requireSameAs(other)).doesNotThrowAnyException();
    assertThat(one.values().keySet()).containsExactly("a", "b");
  }

  @Test
  void listsAllDifferencesSortedByKey() {
    ConfigurationIdentity now =
        new ConfigurationIdentity(Map.of("encoder.depth", "6", "optimizer.beta1", "0.9"));
    ConfigurationIdentity checkpoint =
        new ConfigurationIdentity(Map.of("encoder.depth", "12", "seed", "0"));

    assertThatThrownBy(() -> now.requireSameAs(checkpoint))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "model or optimizer configuration differs from the checkpoint: "
                + "encoder.depth: 12 in the checkpoint, 6 now; "
                + "optimizer.beta1: not in the checkpoint, 0.9 now; "
                + "seed: 0 in the checkpoint, none now");
  }
}
