package io.simmim.pipeline.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.ForcedFiles;
import io.simmim.trainer.torch.CudaLibraries;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaInstallerTest {
  private static final String FOLDER = "pytorch/cu124/linux-x86_64/";

  @TempDir private Path folder;
  private final StringWriter said = new StringWriter();
  private CudaLibraries libraries;
  private CudaInstaller installer;
  private MavenJar jni;

  @BeforeEach
  void prepare() throws IOException {
    libraries = new CudaLibraries(folder.resolve("cache"));
    installer =
        new CudaInstaller(
            libraries,
            new CudaInstaller.Source(Optional.of(folder), Optional.empty()),
            new PrintWriter(said),
            false);
    jni =
        jar(
            "jni",
            Map.of(
                "jnilib/linux-x86_64/cu124/libdjl_torch.so", "new",
                "jnilib/linux-x86_64/cu124-precxx11/libdjl_torch.so", "old"));
  }

  private MavenJar jar(String artifact, Map<String, String> entries) throws IOException {
    Path file = folder.resolve(artifact + "-1-linux-x86_64.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return new MavenJar(artifact, "1", "linux-x86_64", Files.size(file), Sha256.hex(file));
  }

  @Test
  void unpacksBothJarsIntoOneFolder() throws Exception {
    MavenJar libtorch =
        jar(
            "native",
            Map.of(
                FOLDER + "libtorch.so",
                "torch",
                FOLDER + "libtorch_cuda.so",
                "cuda",
                "native/lib/pytorch.properties",
                "version=2.5.1"));

    Set<String> forced = ForcedFiles.during(folder, () -> installer.installLibtorch(libtorch, jni));

    assertThat(libraries.fetched().toFile().list())
        .containsExactlyInAnyOrder("libtorch.so", "libtorch_cuda.so", "libdjl_torch.so");
    String unpacked = folder.resolve("cache/simmim-unpacking") + "/";
    assertThat(forced)
        .as("on disk before they are in their place")
        .containsExactlyInAnyOrder(
            unpacked + "libtorch.so", unpacked + "libtorch_cuda.so", unpacked + "libdjl_torch.so");
    assertThat(libraries.fetched().resolve("libdjl_torch.so")).hasContent("new");
    assertThat(said.toString()).endsWith("unpacking  100 %  0 of 0 MB" + System.lineSeparator());
  }

  /** A folder that cannot be locked stands for one that may only be read. */
  @Test
  void writesNothingWhereAllIsThere() throws Exception {
    Files.createDirectories(libraries.fetched());
    Path lock = Files.createDirectories(libraries.cache().resolve("simmim-gpu.lock"));

    installer.installLibtorch(MavenJar.LIBTORCH, jni);

    Files.delete(libraries.fetched());
    assertThatThrownBy(() -> installer.installLibtorch(MavenJar.LIBTORCH, jni))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot write to %s (set DJL_CACHE_DIR to a writable folder): %s: Is a directory",
            libraries.cache(), lock);
  }

  @Test
  void doesAwayWithWhatAKilledProcessUnpacked() throws Exception {
    Path left = Files.createDirectories(libraries.cache().resolve("simmim-unpacking"));
    Files.writeString(left.resolve("libhalf.so"), "half");

    installer.installLibtorch(jar("native", Map.of(FOLDER + "libtorch.so", "torch")), jni);

    assertThat(libraries.fetched().toFile().list())
        .containsExactlyInAnyOrder("libtorch.so", "libdjl_torch.so");
    assertThat(left).doesNotExist();
  }

  @Test
  void leavesNothingInPlaceWhenUnpackingFails() throws Exception {
    MavenJar withFolders = jar("native", Map.of(FOLDER + "../../libtorch.so", "torch"));

    assertThatThrownBy(() -> installer.installLibtorch(withFolders, jni))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s has an unexpected entry: ../../libtorch.so",
            folder.resolve(withFolders.fileName()));
    assertThat(libraries.fetched()).doesNotExist();
  }

  @Test
  void refusesAnotherJar() throws Exception {
    MavenJar libtorch = jar("native", Map.of(FOLDER + "libtorch.so", "torch"));
    Path file = folder.resolve(libtorch.fileName());
    Files.writeString(file, "another");

    assertThatThrownBy(() -> installer.installLibtorch(libtorch, jni))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s is not the file that was expected: SHA-256 %s (expected: %s)",
            file, Sha256.hex(file), libtorch.sha256());
  }

  @Test
  void saysHowToBringAMissingJar() {
    assertThatThrownBy(() -> installer.installLibtorch(MavenJar.LIBTORCH, jni))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s is missing: mvn -N dependency:copy"
                + " -Dartifact=ai.djl.pytorch:pytorch-native-cu124:2.5.1:jar:linux-x86_64"
                + " -DoutputDirectory=%s brings it",
            folder.resolve("pytorch-native-cu124-2.5.1-linux-x86_64.jar"), folder);
  }

  @Test
  void putsTheJniLibraryOfAnInstalledPyTorchWhereDjlLooks() throws Exception {
    Path target = libraries.jniLibrary("2.5.1", "cu124-precxx11");

    installer.installJni(jni, "cu124-precxx11", target);

    assertThat(target).hasContent("old");
    assertThat(target.getParent()).hasFileName("2.5.1-cu124-precxx11-linux-x86_64");
    assertThat(target.getFileName().toString()).matches("[0-9.]+-libdjl_torch\\.so");
  }
}
