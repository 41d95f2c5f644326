package io.simmim.pipeline.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * NVIDIA's driver and cards, as {@code nvidia-smi} tells of them, or else the driver's files.
 *
 * @param driver version; empty if there is no driver
 * @param cards in the order of their numbers
 * @param trouble what {@code nvidia-smi} answered instead; empty if it did not fail
 */
record NvidiaMachine(Optional<String> driver, List<Card> cards, String trouble) {
  private static final Path FILES = Path.of("/proc/driver/nvidia");
  private static final Pattern VERSION =
      Pattern.compile("NVRM version:.*?\\s([0-9]+\\.[0-9]+(?:\\.[0-9]+)?)\\s");
  private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+)$");

  /** Of a tool that stands still, as it does when a card has stopped to answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * One card.
   *
   * @param name of the model
   * @param capability compute capability such as {@code 9.0}; empty if not told
   * @param memoryMib -1 if not told
   */
  record Card(String name, String capability, long memoryMib) {}

  NvidiaMachine {
    cards = List.copyOf(cards);
  }

  /** Looks at this machine. */
  static NvidiaMachine look() throws InterruptedException {
    return look("nvidia-smi", FILES, PATIENCE);
  }

  static NvidiaMachine look(String command, Path files, Duration patience)
      throws InterruptedException {
    String trouble = "";
    try {
      List<String> lines =
          lines(
              patience,
              command,
              "--query-gpu=driver_version,compute_cap,memory.total,name",
              "--format=csv,noheader,nounits");
      List<String[]> rows =
          lines.stream()
              .map(line -> line.split(",\\s*", 4))
              .filter(row -> row.length == 4)
              .toList();
      if (!rows.isEmpty()) {
        return new NvidiaMachine(
            Optional.of(rows.get(0)[0]), rows.stream().map(NvidiaMachine::card).toList(), "");
      }
      trouble = lines.stream().filter(line -> !line.isBlank()).findFirst().orElse("nothing");
    } catch (IOException e) {
      trouble = ""; // it is not installed, as in some containers that have the driver
    }
    return new NvidiaMachine(driver(files), models(files), trouble);
  }

  private static Card card(String[] row) {
    return new Card(
        row[3].strip(),
        row[1].matches("[0-9]+\\.[0-9]+") ? row[1] : "",
        row[2].matches("[0-9]{1,9}") ? Long.parseLong(row[2]) : -1);
  }

  private static List<String> lines(Duration patience, String... command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    // What it prints fits into the pipe.
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      return List.of("no answer within %d s".formatted(patience.toSeconds()));
    }
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      return reader.lines().toList();
    }
  }

  private static Optional<String> driver(Path files) {
    try {
      Path version = files.resolve("version");
      if (Files.isReadable(version)) {
        Matcher told = VERSION.matcher(Files.readString(version));
        return told.find() ? Optional.of(told.group(1)) : Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static List<Card> models(Path files) {
    Path folder = files.resolve("gpus");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Card> cards = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        Matcher model = MODEL.matcher(Files.readString(entry.resolve("information")));
        cards.add(new Card(model.find() ? model.group(1).strip() : "unknown", "", -1));
      }
    } catch (IOException e) {
      return cards.stream().filter(Objects::nonNull).toList();
    }
    return cards;
  }
}
