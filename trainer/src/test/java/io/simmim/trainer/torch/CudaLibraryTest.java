package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.trainer.loop.SmallModel;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The libtorch for CUDA of this machine, with or without a GPU: it loads, DJL's JNI library fits
 * it, and it trains on the CPU.
 */
@Tag("slow")
class CudaLibraryTest {
  @Test
  void trainsOnTheCpuInTwoClassLoadersOfOneJvm() throws Exception {
    Optional<TorchLibrary> library = CudaLibraries.ofThisMachine().chosen();
    assumeTrue(
        library.isPresent(),
        "no libtorch for CUDA here: bin/simmim gpu --without-gpu fetches it (2.5 GB)");

    List<String> output = TwoClassLoaders.output("gpu0");

    assertThat(output)
        .filteredOn(line -> line.startsWith("libtorch "))
        .hasSize(5)
        .containsOnly("libtorch " + library.get().text());
    assertThat(output)
        .filteredOn(line -> line.startsWith("loss "))
        .hasSize(5)
        .allSatisfy(
            line ->
                assertThat(Double.parseDouble(line.substring("loss ".length())))
                    .isCloseTo(SmallModel.lossOfOneStep(), within(1e-5)));
  }
}
