package io.simmim.pipeline.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What {@code nvidia-smi} tells of a GPU while something runs on it: ten times a second the share
 * of time in which a kernel ran, and the memory in use. Tells nothing where {@code nvidia-smi} is
 * not.
 */
public final class GpuSampler implements AutoCloseable {
  private static final String EVERY_MILLIS = "100";

  private final Process process;
  private final List<Sample> samples = new ArrayList<>();

  private record Sample(double busy, long memoryMib) {}

  private GpuSampler(Process process) {
    this.process = process;
  }

  /**
   * Begins to sample a device.
   *
   * @param device {@code cpu}, of which nothing is told, or {@code gpu0} and so on
   */
  public static GpuSampler ofDevice(String device) {
    if (device.equals("cpu")) {
      return new GpuSampler(null);
    }
    int number = Integer.parseInt(device.substring("gpu".length()));
    return start("nvidia-smi", card(number, System.getenv("CUDA_VISIBLE_DEVICES")));
  }

  /**
   * What {@code nvidia-smi} calls a card that a process sees under a number. It lists all cards of
   * a machine, whichever the process may see.
   *
   * @param visible cards that the process may see, in their order: numbers or ids; null for all
   */
  static String card(int number, String visible) {
    String[] cards = visible == null ? new String[0] : visible.split(",", -1);
    return number < cards.length && !cards[number].isBlank()
        ? cards[number].strip()
        : Integer.toString(number);
  }

  /**
   * Begins to sample.
   *
   * @param command {@code nvidia-smi}
   * @param card its number or id
   */
  static GpuSampler start(String command, String card) {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  command,
                  "-i",
                  card,
                  "--query-gpu=utilization.gpu,memory.used",
                  "--format=csv,noheader,nounits",
                  "-lms",
                  EVERY_MILLIS)
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      return new GpuSampler(null);
    }
    GpuSampler sampler = new GpuSampler(process);
    Thread reader = new Thread(sampler::read, "nvidia-smi");
    reader.setDaemon(true);
    reader.start();
    return sampler;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = lines.readLine()) != null; ) {
        String[] values = line.split(",", -1);
        if (values.length == 2) {
          add(values[0].strip(), values[1].strip());
        }
      }
    } catch (IOException e) {
      return; // it was ended
    }
  }

  private synchronized void add(String busy, String memory) {
    if (busy.matches("[0-9]{1,3}") && memory.matches("[0-9]{1,9}")) {
      samples.add(new Sample(Double.parseDouble(busy) / 100, Long.parseLong(memory)));
    }
  }

  /** Forgets what was sampled. */
  synchronized void reset() {
    samples.clear();
  }

  /** Mean share of time in which no kernel ran; empty if nothing was sampled. */
  synchronized OptionalDouble idleShare() {
    return samples.stream().mapToDouble(sample -> 1 - sample.busy()).average();
  }

  /** Most memory in use, in MiB; empty if nothing was sampled. */
  public synchronized OptionalLong memoryMib() {
    return samples.stream().mapToLong(Sample::memoryMib).max();
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroy();
    }
  }
}
