package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rpc.RpcService;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.junit.jupiter.api.Test;

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
}
