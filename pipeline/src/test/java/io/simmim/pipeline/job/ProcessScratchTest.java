package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rpc.RpcService;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessScratchTest {
  @Test
  void loadsWhatClustersCallEachOtherWithOnceWhileItsFilesAreThere() throws Exception {
    RpcSystem first = ProcessScratch.rpcSystem();
    assertThat(ProcessScratch.rpcSystem()).isSameAs(first);

    ProcessScratch.remove();

    RpcSystem next = ProcessScratch.rpcSystem();
    assertThat(next).isNotSameAs(first);
    RpcService service = next.localServiceBuilder(new Configuration()).createAndStart();
    service.closeAsync().get();
  }

  @Test
  void saysThatThereIsNoRoomBeforeALibraryIsUnpacked(@TempDir Path folder) throws Exception {
    ProcessScratch.requireRoom(folder);
    assertThat(folder).isEmptyDirectory();
    Files.createSymbolicLink(folder.resolve("room"), Path.of("/dev/full"));

    assertThatThrownBy(() -> ProcessScratch.requireRoom(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "there is no room for temporary files in %s (TMPDIR names another folder): No space left on device",
            folder.getParent());
  }
}
