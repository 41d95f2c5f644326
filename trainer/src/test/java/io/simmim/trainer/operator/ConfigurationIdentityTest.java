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
    ConfigurationIdentity one = new ConfigurationIdentity(Map.of("b", "2", "a", "1"), Map.of());
    ConfigurationIdentity other = new ConfigurationIdentity(Map.of("a", "1", "b", "2"), Map.of());

    assertThatCode(() -> one.requireSameAs(other)).doesNotThrowAnyException();
    assertThat(one.values().keySet()).containsExactly("a", "b");
  }

  @Test
  void listsAllDifferencesSortedByKey() {
    ConfigurationIdentity now =
        new ConfigurationIdentity(Map.of("encoder.depth", "6", "optimizer.beta1", "0.9"), Map.of());
    ConfigurationIdentity checkpoint =
        new ConfigurationIdentity(Map.of("encoder.depth", "12", "seed", "0"), Map.of());

    assertThatThrownBy(() -> now.requireSameAs(checkpoint))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "model or optimizer configuration differs from the checkpoint: "
                + "encoder.depth: 12 in the checkpoint, 6 now; "
                + "optimizer.beta1: not in the checkpoint, 0.9 now; "
                + "seed: 0 in the checkpoint, none now");
  }

  @Test
  void aKeyThatOneSideDoesNotKnowHasItsDefaultThere() {
    ConfigurationIdentity older = new ConfigurationIdentity(Map.of("seed", "0"), Map.of());
    Map<String, String> defaults = Map.of("seed", "0", "encoder.gates", "none");
    ConfigurationIdentity newer =
        new ConfigurationIdentity(Map.of("seed", "0", "encoder.gates", "none"), defaults);
    ConfigurationIdentity other =
        new ConfigurationIdentity(Map.of("seed", "0", "encoder.gates", "four"), defaults);

    assertThat(newer.differencesFrom(older)).isEmpty();
    assertThat(older.differencesFrom(newer)).isEmpty();
    assertThat(other.differencesFrom(older))
        .containsExactly("encoder.gates: none in the checkpoint, four now");
    assertThat(older.differencesFrom(other))
        .containsExactly("encoder.gates: four in the checkpoint, none now");
  }

  /** Else a changed default would change a run without a word. */
  @Test
  void aDefaultIsNothingWhereTheValueIsKnown() {
    ConfigurationIdentity before =
        new ConfigurationIdentity(Map.of("encoder.depth", "12"), Map.of("encoder.depth", "12"));
    ConfigurationIdentity now =
        new ConfigurationIdentity(Map.of("encoder.depth", "24"), Map.of("encoder.depth", "24"));

    assertThat(now.differencesFrom(before))
        .containsExactly("encoder.depth: 12 in the checkpoint, 24 now");
  }

  @Test
  void numbersAreComparedAsNumbers() {
    ConfigurationIdentity whole =
        new ConfigurationIdentity(
            Map.of("schedule.gamma", "10", "seed", "9007199254740993"), Map.of());

    assertThat(
            whole.differencesFrom(
                new ConfigurationIdentity(
                    Map.of("schedule.gamma", "1.0E1", "seed", "9007199254740992"), Map.of())))
        .containsExactly("seed: 9007199254740992 in the checkpoint, 9007199254740993 now");
  }
}
