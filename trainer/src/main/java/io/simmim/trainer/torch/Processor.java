package io.simmim.trainer.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The instructions of this machine's processor (x86-64), as far as libtorch and oneDNN choose their
 * kernels by them, and by the variables of the environment that hold them back.
 */
public final class Processor {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private static final List<String> AVX2 = List.of("avx2", "fma");
  private static final List<String> AVX512 =
      List.of("avx512f", "avx512vl", "avx512bw", "avx512dq", "fma");

  private static final String NO_AVX = "NO AVX";

  /** bf16 without AVX-512, which oneDNN calls avx2_vnni_2. */
  private static final List<String> AVX2_BFLOAT16 = List.of("avx_vnni_int8", "avx_ne_convert");

  private static final List<String> ONEDNN_LIMITS =
      List.of("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA");

  /** How bf16 is computed. */
  public enum Bfloat16 {
    /** By instructions of its own. */
    NATIVE,
    /** By AVX-512's for fp32. */
    EMULATED,
    /** Not by oneDNN: libtorch multiplies one by one. */
    MISSING
  }

  private final Set<String> flags;
  private final Map<String, String> environment;

  private Processor(Set<String> flags, Map<String, String> environment) {
    this.flags = flags;
    this.environment = environment;
  }

  /** That of this process; without any instructions where the system does not tell. */
  public static Processor current() {
    try {
      return of(
          Files.isReadable(CPU_INFO) ? Files.readString(CPU_INFO, StandardCharsets.UTF_8) : "",
          System.getenv());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + CPU_INFO, e);
    }
  }

  /**
   * A processor that is described.
   *
   * @param cpuInfo as Linux has it in {@code /proc/cpuinfo}
   */
  static Processor of(String cpuInfo, Map<String, String> environment) {
    Set<String> flags =
        cpuInfo
            .lines()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 1).strip().split("\\s+"))
            .map(words -> Set.copyOf(Arrays.asList(words)))
            .orElse(Set.of());
    return new Processor(flags, environment);
  }

  /** How oneDNN computes in bf16 here. */
  public Bfloat16 bfloat16() {
    return switch (oneDnnLimit()) {
      case "sse41", "avx", "avx2", "avx2_vnni" -> Bfloat16.MISSING;
      case "avx2_vnni_2" -> flags.containsAll(AVX2_BFLOAT16) ? Bfloat16.NATIVE : Bfloat16.MISSING;
      case "avx512_core", "avx512_core_vnni" ->
          flags.containsAll(AVX512) ? Bfloat16.EMULATED : Bfloat16.MISSING;
      default -> bfloat16ByFlags();
    };
  }

  private Bfloat16 bfloat16ByFlags() {
    if (!flags.containsAll(AVX512)) {
      return flags.containsAll(AVX2_BFLOAT16) ? Bfloat16.NATIVE : Bfloat16.MISSING;
    }
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16")
        ? Bfloat16.NATIVE
        : Bfloat16.EMULATED;
  }

  /** In lower case; empty if there is none. Values that oneDNN does not know limit nothing. */
  private String oneDnnLimit() {
    return ONEDNN_LIMITS.stream()
        .map(environment::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("")
        .toLowerCase(Locale.ROOT);
  }

  /** The instruction set of libtorch's own kernels, as libtorch names it. */
  public String kernels() {
    String asked = environment.getOrDefault("ATEN_CPU_CAPABILITY", "");
    return switch (asked) {
      case "avx512", "avx2" -> asked.toUpperCase(Locale.ROOT);
      case "default" -> NO_AVX;
      default -> flags.containsAll(AVX512) ? "AVX512" : flags.containsAll(AVX2) ? "AVX2" : NO_AVX;
    };
  }
}
