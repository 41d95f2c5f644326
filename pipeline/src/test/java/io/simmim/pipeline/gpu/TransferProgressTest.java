package io.simmim.pipeline.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class TransferProgressTest {
  private final StringWriter said = new StringWriter();

  private TransferProgress progress(boolean terminal) {
    return new TransferProgress(
        new PrintWriter(said), terminal, MavenJar.LIBTORCH.artifact(), MavenJar.LIBTORCH.bytes());
  }

  @Test
  void fitsIntoALineOfATerminal() {
    TransferProgress progress = progress(true);

    progress.at(MavenJar.LIBTORCH.bytes() / 2);
    Awaitility.await()
        .until(
            () -> {
              progress.at(MavenJar.LIBTORCH.bytes() * 9 / 10);
              return said.toString().contains("  ETA ");
            });
    progress.at(MavenJar.LIBTORCH.bytes());

    assertThat(said.toString().split("[\r\n]+"))
        .hasSizeGreaterThan(3)
        .allSatisfy(line -> assertThat(line.length()).isLessThan(80));
    assertThat(said.toString().stripTrailing())
        .endsWith("[########] pytorch-native-cu124  100 %  2458 of 2458 MB");
  }

  @Test
  void isALineForEachTenthElsewhere() {
    TransferProgress progress = progress(false);

    for (int percent = 0; percent <= 100; percent++) {
      progress.at((MavenJar.LIBTORCH.bytes() * percent + 99) / 100);
    }

    assertThat(said.toString().lines())
        .hasSize(11)
        .first()
        .isEqualTo("pytorch-native-cu124    0 %  0 of 2458 MB");
  }
}
