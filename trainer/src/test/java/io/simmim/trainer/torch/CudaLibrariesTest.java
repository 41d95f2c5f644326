package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.ForcedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibrariesTest {
  @TempDir private Path folder;

  @Test
  void findsWhatWasFetched() throws IOException {
    CudaLibraries libraries = new CudaLibraries(folder);
    assertThat(libraries.chosen()).isEmpty();

    Files.createDirectory(libraries.fetched());

    assertThat(libraries.chosen())
        .contains(new TorchLibrary(libraries.fetched(), "2.5.1", "cu124"));
  }

  @Test
  void prefersWhatWasChosen() throws IOException {
    CudaLibraries libraries = new CudaLibraries(folder.resolve("cache"));
    Files.createDirectories(libraries.fetched());
    TorchLibrary installed = installed("2.7.1+cu128");

    libraries.choose(installed);

    assertThat(libraries.chosen()).contains(installed);
    libraries.chooseFetched();
    assertThat(libraries.chosen()).map(TorchLibrary::folder).contains(libraries.fetched());
  }

  @Test
  void whatWasChosenMayBeReadByWhomeverTheFolderIsFor() throws IOException {
    CudaLibraries libraries = new CudaLibraries(folder.resolve("cache"));

    libraries.choose(installed("2.7.1+cu128"));

    Path usual = Files.writeString(libraries.cache().resolve("usual"), "");
    Path choice = libraries.cache().resolve("simmim-cuda.properties");
    assertThat(Files.getPosixFilePermissions(choice))
        .isEqualTo(Files.getPosixFilePermissions(usual));
    assertThat(libraries.cache().toFile().list())
        .containsExactlyInAnyOrder("usual", "simmim-cuda.properties");
  }

  @Test
  void whatIsChosenIsOnDiskBeforeItCounts() throws Exception {
    CudaLibraries libraries = new CudaLibraries(folder.resolve("cache"));
    TorchLibrary installed = installed("2.7.1+cu128");

    assertThat(ForcedFiles.during(folder, () -> libraries.choose(installed)))
        .singleElement()
        .satisfies(
            path ->
                assertThat(path)
                    .startsWith(libraries.cache() + "/simmim-cuda.properties.")
                    .endsWith(".tmp"));
  }

  @Test
  void refusesAPyTorchThatWasReplaced() throws IOException {
    CudaLibraries libraries = new CudaLibraries(folder.resolve("cache"));
    TorchLibrary installed = installed("2.7.1+cu128");
    libraries.choose(installed);
    installed("2.5.1+cu124");

    assertThatThrownBy(libraries::chosen)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the PyTorch in %s is another one than when it was chosen: 2.5.1+cu124 (was:"
                + " 2.7.1+cu128); run bin/simmim gpu --library again",
            installed.folder());
  }

  private TorchLibrary installed(String version) throws IOException {
    Path lib = Files.createDirectories(folder.resolve("torch/lib"));
    Files.writeString(lib.resolve("libtorch_cuda.so"), "");
    Files.writeString(lib.resolve("libc10.so"), "");
    Files.writeString(lib.resolveSibling("version.py"), "__version__ = '" + version + "'\n");
    return TorchLibrary.installed(lib);
  }
}
