package io.simmim.pipeline.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * Before the files of a folder: when it is closed, each process opens so many, and then waits.
 *
 * @param file where the test writes how many
 */
public record Gate(Path file) {
  /** The gate of a folder, which is open unless the test closed it. */
  public static Gate of(Path folder) {
    return new Gate(folder.resolveSibling(folder.getFileName() + ".gate"));
  }

  /** From now on each process can open files so many times, one of them as often as it likes. */
  public void closeAfter(int files) throws IOException {
    write(new Closed(UUID.randomUUID().toString(), files));
  }

  /** Lets some more pass where it is closed. */
  public void letPass(int more) throws IOException {
    Closed closed = closed().orElseThrow();
    write(new Closed(closed.id(), closed.files() + more));
  }

  /** Lets all processes go on. */
  public void open() throws IOException {
    Files.deleteIfExists(file);
  }

  private void write(Closed closed) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.writeString(unfinished, closed.id() + " " + closed.files());
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  Optional<Closed> closed() throws IOException {
    try {
      String[] words = Files.readString(file).split(" ", 2);
      return Optional.of(new Closed(words[0], Integer.parseInt(words[1])));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * A gate that is closed.
   *
   * @param id another one each time it is closed, when counting begins anew
   * @param files how many each process can open
   */
  record Closed(String id, int files) {}
}
