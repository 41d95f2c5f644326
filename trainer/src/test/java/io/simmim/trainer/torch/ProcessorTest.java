package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import io.simmim.trainer.torch.Processor.Bfloat16;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
  private static final String ROME = "fpu sse sse2 ssse3 sse4_1 sse4_2 fma avx f16c avx2";
  private static final String SKYLAKE = ROME + " avx512f avx512dq avx512cd avx512bw avx512vl";
  private static final String GENOA = SKYLAKE + " avx512_vnni avx512_bf16";
  private static final String SIERRA_FOREST = ROME + " avx_vnni avx_vnni_int8 avx_ne_convert";

  private static Processor of(String flags, Map<String, String> environment) {
    return Processor.of(
        "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: %s\nbugs\t\t: none\n\n"
            .formatted(flags),
        environment);
  }

  @Test
  void knowsWhichProcessorsHaveInstructionsForBfloat16() {
    assertThat(of("fpu sse sse2", Map.of()).bfloat16()).isEqualTo(Bfloat16.MISSING);
    assertThat(of(ROME, Map.of()).bfloat16()).isEqualTo(Bfloat16.MISSING);
    assertThat(of(SKYLAKE, Map.of()).bfloat16()).isEqualTo(Bfloat16.EMULATED);
    assertThat(of(GENOA, Map.of()).bfloat16()).isEqualTo(Bfloat16.NATIVE);
    assertThat(of(SKYLAKE + " amx_bf16 amx_tile", Map.of()).bfloat16()).isEqualTo(Bfloat16.NATIVE);
    assertThat(of(SIERRA_FOREST, Map.of()).bfloat16()).isEqualTo(Bfloat16.NATIVE);
    assertThat(Processor.of("", Map.of()).bfloat16()).isEqualTo(Bfloat16.MISSING);
  }

  @ParameterizedTest
  @CsvSource({
    "ONEDNN_MAX_CPU_ISA, SSE41, MISSING",
    "ONEDNN_MAX_CPU_ISA, AVX2, MISSING",
    "DNNL_MAX_CPU_ISA, AVX2, MISSING",
    "ONEDNN_MAX_CPU_ISA, AVX2_VNNI_2, MISSING",
    "ONEDNN_MAX_CPU_ISA, AVX512_CORE, EMULATED",
    "ONEDNN_MAX_CPU_ISA, avx512_core_vnni, EMULATED",
    "ONEDNN_MAX_CPU_ISA, AVX512_CORE_BF16, NATIVE",
    "ONEDNN_MAX_CPU_ISA, ALL, NATIVE"
  })
  void bfloat16IsHeldBackByTheEnvironment(String variable, String value, Bfloat16 left) {
    assertThat(of(GENOA, Map.of(variable, value)).bfloat16()).isEqualTo(left);
  }

  @Test
  void knowsTheKernelsOfLibtorch() {
    assertThat(of("fpu sse sse2", Map.of()).kernels()).isEqualTo("NO AVX");
    assertThat(of(ROME, Map.of()).kernels()).isEqualTo("AVX2");
    assertThat(of(GENOA, Map.of()).kernels()).isEqualTo("AVX512");
    assertThat(of(GENOA, Map.of("ATEN_CPU_CAPABILITY", "avx2")).kernels()).isEqualTo("AVX2");
    assertThat(of(GENOA, Map.of("ATEN_CPU_CAPABILITY", "default")).kernels()).isEqualTo("NO AVX");
    assertThat(of(GENOA, Map.of("ATEN_CPU_CAPABILITY", "mmx")).kernels()).isEqualTo("AVX512");
  }

  /** Of whatever machine this runs on, and with the environment that it runs in. */
  @Test
  void saysOfThisProcessorWhatLibtorchSays() {
    TorchRuntime.start();

    assertThat(Processor.current().kernels()).isEqualTo(capability());
    assertThat(Processor.current().bfloat16() != Bfloat16.MISSING).isEqualTo(oneDnnHasBfloat16());
  }

  /** {@code at::get_cpu_capability()}, which returns a std::string: address, length, and so on. */
  private static String capability() {
    try (Memory string = new Memory(32)) {
      NativeLibrary.getInstance(Path.of(LibUtils.getLibtorchPath(), "libtorch_cpu.so").toString())
          .getFunction("_ZN2at18get_cpu_capabilityB5cxx11Ev")
          .invoke(new Object[] {string});
      byte[] text = string.getPointer(0).getByteArray(0, (int) string.getLong(Long.BYTES));
      return new String(text, StandardCharsets.US_ASCII);
    }
  }

  private static boolean oneDnnHasBfloat16() {
    TorchScriptSource source =
        new TorchScriptSource().add(ProcessorTest.class, "bfloat16.torchscript", Map.of());
    TorchRuntime.prepareThread(1);
    try (TorchModule module = TorchModule.compile(source, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), TorchRuntime.ENGINE)) {
      NDArray unused = manager.ones(new Shape(1));
      return module
              .call(manager, "supported", new Arguments().tensor(unused))
              .get(0)
              .toFloatArray()[0]
          != 0;
    }
  }
}
