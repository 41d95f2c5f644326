package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(30)
class RoomAgainTest {
  private static final Path FULL = Path.of("/dev/full");

  @Test
  @EnabledOnOs(OS.LINUX)
  void writesWhenThereIsRoomAgain() throws Exception {
    Path file = Files.createTempFile("room", "");
    AtomicInteger tries = new AtomicInteger();
    try {
      RoomAgain.await(
          () -> write(tries.incrementAndGet() < 3 ? FULL : file)); // the disk's own failure

      assertThat(tries).hasValue(3);
      assertThat(file).hasContent("x");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void givesUpWhereTheDiskStaysFull() {
    AtomicInteger tries = new AtomicInteger();

    assertThatThrownBy(
            () ->
                RoomAgain.await(
                    () -> {
                      tries.incrementAndGet();
                      write(FULL);
                    }))
        .isInstanceOf(IOException.class)
        .matches(failure -> StorageFailure.full(failure).isPresent());
    assertThat(tries).hasValueGreaterThan(2);
  }

  @Test
  void triesNothingElseAgain() {
    AtomicInteger tries = new AtomicInteger();

    assertThatThrownBy(
            () ->
                RoomAgain.await(
                    () -> {
                      tries.incrementAndGet();
                      throw new IOException("the cable is out");
                    }))
        .hasMessage("the cable is out");
    assertThat(tries).hasValue(1);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void endsWhenItIsInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> RoomAgain.await(() -> write(FULL))).isInstanceOf(IOException.class);

    assertThat(Thread.interrupted()).isTrue();
  }

  private static void write(Path file) throws IOException {
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write('x');
    }
  }
}
