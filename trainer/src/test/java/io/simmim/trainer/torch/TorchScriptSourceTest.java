package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TorchScriptSourceTest {
  private static final Map<String, Object> CONSTANTS =
      Map.of("factor", 2.5, "shifted", true, "small", 1e-7);

  @Test
  void fillsInConstantsAndLeavesCommentsOut() {
    assertThat(
            TorchScriptSource.substitute(
                "x",
                "  # ${unknown}\n  a = ${factor}\n  b = ${shifted} + ${small}\n",
                CONSTANTS,
                Map.of()))
        .isEqualTo("  a = 2.5\n  b = True + 1.0e-7\n");
  }

  @Test
  void refusesPlaceholdersWithoutValue() {
    assertThatThrownBy(
            () -> TorchScriptSource.substitute("x.torchscript", "${what}", Map.of(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x.torchscript: ${what} has no value");
  }

  @Test
  void refusesValuesWithoutPlaceholder() {
    assertThatThrownBy(
            () -> TorchScriptSource.substitute("x.torchscript", "a", CONSTANTS, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x.torchscript has no placeholder for [factor, shifted, small]");
  }

  @Test
  void compilesAndRuns() {
    TorchScriptSource source =
        new TorchScriptSource().add(TorchScriptSourceTest.class, "scale.torchscript", CONSTANTS);
    TorchRuntime.prepareThread(1);
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray input = manager.create(new float[] {1, 2});

      NDList result = module.call(manager, "scale", new Arguments().tensor(input));

      assertThat(result.get(0).toFloatArray()).containsExactly(3.5f, 6f);
      assertThat(result.get(0).getManager()).isSameAs(manager);
    }
  }

  @Test
  void namesTheLineThatLibtorchRefuses() {
    TorchScriptSource source =
        new TorchScriptSource().add(TorchScriptSourceTest.class, "wrong.torchscript", Map.of());

    assertThatThrownBy(() -> TorchModule.compile(source, Device.cpu()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("libtorch refuses the source: ")
        .hasMessageContaining("torch.no_such_function(x)");
  }
}
