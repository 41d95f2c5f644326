package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class TorchModuleTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long LARGE_BYTES = 256L << 20;

  private static TorchModule module() {
    TorchRuntime.prepareThread(1);
    TorchScriptSource source = new TorchScriptSource();
    source.add(TorchModuleTest.class, "module-test.torchscript", Map.of());
    return TorchModule.compile(source, Device.cpu());
  }

  @Test
  void passesTensorsAndLists() {
    try (TorchModule module = module();
        NDManager manager = NDManager.newBaseManager(Device.cpu(), TorchRuntime.ENGINE)) {
      NDList list = new NDList(manager.create(0f), manager.create(1f), manager.create(2f));
      Arguments arguments =
          new Arguments().tensor(manager.create(2f)).tensors(list).tensor(manager.create(10f));

      NDList results = module.call(manager, "weighted_sum", arguments);

      assertThat(results).hasSize(1);
      assertThat(results.get(0).getFloat()).isEqualTo(2f * (0 + 1 + 2) + 10f);
      assertThat(results.get(0).getManager()).isSameAs(manager);
    }
  }

  /** Else killed processes would leave them. Those of other tests' JVMs go as well. */
  @Test
  void keepsNoTemporaryFolder() throws Exception {
    Set<Path> before = temporaryFolders();

    module().close();

    Set<Path> made = temporaryFolders();
    made.removeAll(before);
    Awaitility.await("folders").untilAsserted(() -> assertThat(made).noneMatch(Files::exists));
  }

  private static Set<Path> temporaryFolders() throws IOException {
    Set<Path> folders = new HashSet<>();
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(temporary, "pt-model*")) {
      found.forEach(folders::add);
    }
    return folders;
  }

  @Test
  void freesTheArgumentsOfACallThatFails() throws Exception {
    assumeTrue(Files.exists(STATUS), "resident memory is read from /proc");
    try (TorchModule module = module()) {
      long before = residentBytes();
      try (NDManager manager = NDManager.newBaseManager(Device.cpu(), TorchRuntime.ENGINE)) {
        NDArray large = manager.ones(new Shape(LARGE_BYTES / Float.BYTES));
        assertThat(residentBytes() - before).isGreaterThan(LARGE_BYTES / 2);

        assertThatThrownBy(() -> module.call(manager, "fail", new Arguments().tensor(large)))
            .hasMessageContaining("on purpose");
      }
      assertThat(residentBytes() - before).isLessThan(LARGE_BYTES / 4);
    }
  }

  private static long residentBytes() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }
}
