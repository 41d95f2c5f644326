package io.simmim.pipeline.run.lease;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Tells a process from all others, so that another one at the same place can see that it is gone. A
 * number alone may be given again, and means another process on another machine or in another
 * container.
 *
 * @param place machine since its last start, name space of process numbers, and user
 * @param pid number of the process
 * @param started when it was started, in ticks since the machine was
 */
record ProcessMark(String place, long pid, long started) {
  /** What can be told of a process. */
  enum Life {
    RUNNING,
    ENDED,
    /** In another container, or of another user. */
    ELSEWHERE_ON_THIS_MACHINE,
    /** Or on this one before it was started again. */
    ON_ANOTHER_MACHINE
  }

  private static final Path PROCESSES = Path.of("/proc");

  ProcessMark {
    Objects.requireNonNull(place, "place");
  }

  /** The mark of this process, or nothing where the system does not tell. */
  static Optional<ProcessMark> ofThisProcess() {
    long pid = ProcessHandle.current().pid();
    try {
      String place =
          "%s %s %s"
              .formatted(
                  Files.readString(PROCESSES.resolve("sys/kernel/random/boot_id")).strip(),
                  Files.readSymbolicLink(PROCESSES.resolve("self/ns/pid")),
                  Files.getAttribute(PROCESSES.resolve("self"), "unix:uid"));
      return started(pid).map(ticks -> new ProcessMark(place, pid, ticks));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** What can be told of the process. */
  Life life() {
    Optional<ProcessMark> here = ofThisProcess();
    if (here.isEmpty() || !here.get().place.equals(place)) {
      return here.filter(it -> it.machine().equals(machine())).isPresent()
          ? Life.ELSEWHERE_ON_THIS_MACHINE
          : Life.ON_ANOTHER_MACHINE;
    }
    try {
      return started(pid).filter(ticks -> ticks == started).isPresent() ? Life.RUNNING : Life.ENDED;
    } catch (IOException | RuntimeException e) {
      return Life.RUNNING;
    }
  }

  private String machine() {
    return place.split(" ", 2)[0];
  }

  /** When a process was started; nothing if there is none, or it is dead and not yet forgotten. */
  private static Optional<Long> started(long pid) throws IOException {
    String status;
    try {
      status = Files.readString(PROCESSES.resolve(pid + "/stat"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    // The name in parentheses may hold anything. State is the first field after it, start the 20th.
    String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ", -1);
    return fields[0].equals("Z") || fields[0].equals("X")
        ? Optional.empty()
        : Optional.of(Long.parseLong(fields[19]));
  }
}
