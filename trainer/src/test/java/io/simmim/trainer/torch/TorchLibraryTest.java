package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchLibraryTest {
  private static final String NEW_STRINGS =
      "\0_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE\0";
  private static final String OLD_STRINGS = "\0_ZN3c105ErrorC2ENS_14SourceLocationESs\0";

  @TempDir private Path torch;
  private Path libraries;

  @BeforeEach
  void install() throws IOException {
    libraries = Files.createDirectory(torch.resolve("lib"));
    Files.writeString(libraries.resolve("libtorch_cuda.so"), "");
    Files.writeString(libraries.resolve("libc10.so"), NEW_STRINGS);
  }

  @Test
  void takesTheVersionFromWhatPyTorchWrites() throws IOException {
    Files.writeString(
        torch.resolve("version.py"),
        "from typing import Optional\n__version__ = '2.7.1+cu128'\ndebug = False\ncuda: Optional[str] = '12.8'\n");

    TorchLibrary library = TorchLibrary.installed(libraries);

    assertThat(library).isEqualTo(new TorchLibrary(libraries, "2.7.1", "cu128"));
    assertThat(library.text()).isEqualTo("2.7.1+cu128");
    assertThat(library.build()).contains(CudaBuild.CUDA_12_8);
  }

  @Test
  void takesTheVersionFromTheArchiveForCpp() throws IOException {
    Files.writeString(torch.resolve("build-version"), "2.5.1+cu124\n");

    assertThat(TorchLibrary.installed(libraries).text()).isEqualTo("2.5.1+cu124");
  }

  @Test
  void tellsLibrariesForTheStringsOfEarlierCpp() throws IOException {
    Files.writeString(torch.resolve("version.py"), "__version__ = '2.5.1+cu124'\n");
    Files.writeString(libraries.resolve("libc10.so"), OLD_STRINGS);

    TorchLibrary library = TorchLibrary.installed(libraries);

    assertThat(library.flavor()).isEqualTo("cu124-precxx11");
    assertThat(library.text()).isEqualTo("2.5.1+cu124");
    assertThat(library.build()).contains(CudaBuild.CUDA_12_4);
  }

  @Test
  void refusesOtherVersions() throws IOException {
    Files.writeString(torch.resolve("version.py"), "__version__ = '2.7.1+cu126'\n");

    assertThatThrownBy(() -> TorchLibrary.installed(libraries))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the PyTorch in %s does not fit: 2.7.1+cu126 (allowed: 2.5.1+cu124 or 2.7.1+cu128)",
            libraries);
  }

  @Test
  void refusesWhatDoesNotTellItsVersion() {
    assertThatThrownBy(() -> TorchLibrary.installed(libraries))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot tell which PyTorch %s is of: neither %s nor %s says it",
            libraries, torch.resolve("version.py"), torch.resolve("build-version"));
  }

  @Test
  void refusesAFolderWithoutCuda() throws IOException {
    Files.delete(libraries.resolve("libtorch_cuda.so"));

    assertThatThrownBy(() -> TorchLibrary.installed(libraries))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no libtorch for CUDA in %s: libtorch_cuda.so is missing (give the folder torch/lib of"
                + " an installed PyTorch)",
            libraries);
  }
}
