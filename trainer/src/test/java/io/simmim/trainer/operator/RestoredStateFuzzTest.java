package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.UserError;
import io.simmim.trainer.model.parameter.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class RestoredStateFuzzTest {
  private static final long ALLOWED_BYTES = 512 << 10;
  private static final long ALLOWED_PER_BYTE = 200;

  private static final CheckpointState CHECKPOINTS =
      new CheckpointState(TestRuns.config(Path.of("unused")));

  static Stream<byte[]> states() {
    return Stream.of(FuzzedElements.joined(FuzzedElements.seeds()));
  }

  @MethodSource("states")
  @FuzzTest
  void isWholeOrRefusedInOneLineWithoutAllocatingWhatItClaims(byte[] state) throws Exception {
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + ALLOWED_PER_BYTE * state.length, () -> restore(state));
  }

  private static void restore(byte[] state) throws IOException {
    List<StateElement> elements = new ArrayList<>();
    for (byte[] element : FuzzedElements.split(state)) {
      elements.add(FuzzedElements.read(FuzzedElements.framed(element)));
    }
    try (RestoredState restored = RestoredState.of(elements)) {
      for (int i = 0; i < restored.tensors().size(); i++) {
        TensorSpec tensor = restored.tensors().get(i);
        assertThat(tensor.bytes()).isLessThanOrEqualTo(state.length);
        restored.read(i, 0, ByteBuffer.allocate((int) tensor.bytes()));
      }
      CHECKPOINTS.requireContinuable(restored.header());
    } catch (UserError e) {
      assertThat(e.getMessage())
          .isNotBlank()
          .hasSizeLessThan(10_000)
          .matches(text -> text.codePoints().noneMatch(Character::isISOControl));
    }
  }
}
