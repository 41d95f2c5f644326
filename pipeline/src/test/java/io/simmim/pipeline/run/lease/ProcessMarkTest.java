package io.simmim.pipeline.run.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.run.lease.ProcessMark.Life;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessMarkTest {
  private static final ProcessMark HERE = ProcessMark.ofThisProcess().orElseThrow();

  @Test
  void thisProcessRuns() {
    assertThat(HERE.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(HERE.life()).isEqualTo(Life.RUNNING);
  }

  @Test
  void aProcessThatWasKilledHasEnded() throws IOException {
    Process child = new ProcessBuilder("sleep", "600").start();
    long start = startOf(child.pid());
    ProcessMark mark = new ProcessMark(HERE.place(), child.pid(), start);
    assertThat(mark.life()).isEqualTo(Life.RUNNING);

    child.destroyForcibly().onExit().join();

    assertThat(mark.life()).isEqualTo(Life.ENDED);
  }

  @Test
  void aNumberThatWasGivenAgainIsAnotherProcess() {
    assertThat(new ProcessMark(HERE.place(), HERE.pid(), HERE.started() - 1).life())
        .isEqualTo(Life.ENDED);
  }

  @Test
  void ofOtherPlacesNothingIsTold() {
    String[] place = HERE.place().split(" ", -1);
    String container = String.join(" ", place[0], "pid:[1]", place[2]);
    String machine = String.join(" ", "another-boot", place[1], place[2]);

    assertThat(new ProcessMark(container, HERE.pid(), HERE.started()).life())
        .isEqualTo(Life.ELSEWHERE_ON_THIS_MACHINE);
    assertThat(new ProcessMark(machine, HERE.pid(), HERE.started()).life())
        .isEqualTo(Life.ON_ANOTHER_MACHINE);
  }

  private static long startOf(long pid) throws IOException {
    String status = java.nio.file.Files.readString(java.nio.file.Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(status.substring(status.lastIndexOf(')') + 2).split(" ", -1)[19]);
  }
}
