package io.simmim.trainer.interop.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.schemas.UserError;
import io.simmim.trainer.torch.CudaLibraries;
import io.simmim.trainer.torch.LibraryChoice;
import io.simmim.trainer.torch.TorchLibrary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryChoiceTest {
  private static final String LOADED = "simmim.libtorch.loaded";

  @TempDir private Path cache;
  private String before;

  @BeforeEach
  void forget() {
    assumeTrue(System.getenv("PYTORCH_LIBRARY_PATH") == null, "PYTORCH_LIBRARY_PATH decides here");
    before = System.getProperty(LOADED);
    System.clearProperty(LOADED);
  }

  @AfterEach
  void remember() {
    if (before == null) {
      System.clearProperty(LOADED);
    } else {
      System.setProperty(LOADED, before);
    }
  }

  @Test
  void offersToFetchWhatAGpuNeeds() {
    CudaLibraries libraries = new CudaLibraries(cache);

    assertThat(LibraryChoice.of("cpu", libraries)).isEmpty();
    assertThatThrownBy(() -> LibraryChoice.of("gpu1", libraries))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "training.device is gpu1, but libtorch for CUDA is not in %s: run bin/simmim gpu where"
                + " the model is trained (it fetches 2.5 GB once), or set training.device=cpu",
            cache);
  }

  @Test
  void tellsDjlWhileItLoadsOnly() {
    TorchLibrary library = new TorchLibrary(Path.of("/opt/torch/lib"), "2.7.1", "cu128");
    List<String> told = new ArrayList<>();

    LibraryChoice.loading(library, () -> told.addAll(properties()));

    assertThat(told).containsExactly("/opt/torch/lib", "2.7.1", "cu128");
    assertThat(properties()).containsOnlyNulls();
  }

  @Test
  void takesWhatTheProcessHasAlready() {
    TorchLibrary library = new TorchLibrary(Path.of("/opt/torch/lib"), "2.7.1", "cu128");
    LibraryChoice.loading(library, () -> {});

    assertThat(LibraryChoice.of("cpu", new CudaLibraries(cache))).contains(library);
    assertThat(LibraryChoice.of("gpu0", new CudaLibraries(cache))).contains(library);
  }

  @Test
  void refusesAGpuInAProcessWithLibrariesForTheCpu() {
    LibraryChoice.loading(null, () -> {});

    assertThat(LibraryChoice.of("cpu", new CudaLibraries(cache))).isEmpty();
    assertThatThrownBy(() -> LibraryChoice.of("gpu0", new CudaLibraries(cache)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "training.device is gpu0, but this process has loaded libtorch for the CPU for an"
                + " earlier job, and cannot have two: restart it (on a cluster, the task manager)");
  }

  @Test
  void leavesItToWhomSetsTheVariables() {
    System.setProperty("PYTORCH_LIBRARY_PATH", cache.toString());
    System.setProperty("PYTORCH_VERSION", "2.11.0");
    System.setProperty("PYTORCH_FLAVOR", "cu130");
    try {
      Optional<TorchLibrary> library = LibraryChoice.of("gpu0", new CudaLibraries(cache));
      LibraryChoice.loading(library.orElseThrow(), () -> {});

      assertThat(library).map(TorchLibrary::text).contains("2.11.0+cu130");
      assertThat(properties()).containsExactly(cache.toString(), "2.11.0", "cu130");
      assertThat(System.getProperty(LOADED)).isNull();
    } finally {
      System.clearProperty("PYTORCH_LIBRARY_PATH");
      System.clearProperty("PYTORCH_VERSION");
      System.clearProperty("PYTORCH_FLAVOR");
    }
  }

  private static List<String> properties() {
    List<String> values = new ArrayList<>();
    for (String name : List.of("PYTORCH_LIBRARY_PATH", "PYTORCH_VERSION", "PYTORCH_FLAVOR")) {
      values.add(System.getProperty(name));
    }
    return values;
  }
}
