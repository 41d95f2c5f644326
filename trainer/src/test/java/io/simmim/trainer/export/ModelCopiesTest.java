package io.simmim.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCopiesTest {
  @TempDir Path output;
  private ModelCopies copies;

  @BeforeEach
  void open() {
    copies = ModelCopies.of(output.toUri().toString());
  }

  private void write(long step) throws IOException {
    Path folder = Files.createDirectories(output.resolve("beside/step-" + step));
    Files.writeString(folder.resolve("model.safetensors"), "weights");
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.list(output.resolve("beside"))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void areWholeWithTheirWeights() throws Exception {
    Files.createDirectories(output.resolve("beside/step-3"));
    assertThat(copies.isWhole(3)).isFalse();
    assertThat(copies.isWhole(4)).isFalse();
    write(3);
    assertThat(copies.isWhole(3)).isTrue();
  }

  @Test
  void goWhenTheyWereLookedAtOrTheirStepsAreTakenAgain() throws Exception {
    assertThat(copies.areWaiting()).isFalse();
    for (long step : new long[] {2, 4, 10, 12}) {
      write(step);
    }
    Files.writeString(output.resolve("beside/found-2"), "stays");

    copies.deleteThrough(4);
    copies.deleteAfter(10);

    assertThat(left()).containsExactly("found-2", "step-10");
    assertThat(copies.areWaiting()).isTrue();
    copies.deleteAfter(0);
    assertThat(copies.areWaiting()).isFalse();
  }

  @Test
  void doNotFillTheStorage() throws Exception {
    for (long step = 1; step < ModelCopies.MOST; step++) {
      write(step);
    }
    assertThatCode(() -> copies.requireRoom(100)).doesNotThrowAnyException();
    write(ModelCopies.MOST);

    assertThatThrownBy(() -> copies.requireRoom(100))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("16 copies wait to be looked at already; pictures.every-steps");
    assertThatCode(() -> copies.requireRoom(ModelCopies.MOST)).doesNotThrowAnyException();
  }
}
