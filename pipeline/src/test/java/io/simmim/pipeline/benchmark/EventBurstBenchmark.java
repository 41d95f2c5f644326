package io.simmim.pipeline.benchmark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.kafka.KafkaBroker;
import io.simmim.pipeline.kafka.Notifications;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Heap of a run that meets a burst of events: it must not depend on their number. The command is in
 * {@code docs/benchmarks.md}; without the property it does nothing. Only the first objects exist;
 * the run does not get further while it is looked at.
 */
class EventBurstBenchmark {
  private static final int EVENTS = Integer.getInteger("simmim.benchmark.events", 0);
  private static final int OBJECTS = 400;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  @TempDir private Path work;

  @Test
  void heapUnderABurst() throws Exception {
    assumeTrue(EVENTS > 0, "a number of events is given");
    Path config = Workload.prepare(work, 1).config();
    Path images = work.resolve("arriving");
    Photographs.draw(images, OBJECTS);
    try (S3Server server = S3Server.start(work.resolve("server"));
        KafkaBroker broker = KafkaBroker.start(work.resolve("kafka"))) {
      S3Files.connect(server);
      S3Files.upload(images, "s3://" + S3Server.BUCKET + "/images");
      for (int events : new int[] {20_000, EVENTS}) {
        KafkaTopic topic = broker.createTopic("burst-" + events, 1);
        try (Notifications notifications = new Notifications(topic)) {
          notifications.createdAll(
              S3Server.BUCKET, events, EventBurstBenchmark::key, number -> bytes(images, number));
        }
        measure(events, topic, config, server);
      }
    }
  }

  private static String key(int number) {
    String extension = number % 3 == 0 ? "JPG" : number % 3 == 1 ? "jpeg" : "jpg";
    return "images/%s/%03d.%s".formatted(number % 2 == 0 ? "even" : "odd", number, extension);
  }

  private static long bytes(Path images, int number) {
    return number < OBJECTS
        ? images.resolve(key(number).substring("images/".length())).toFile().length()
        : 1000;
  }

  private void measure(int events, KafkaTopic topic, Path config, S3Server server)
      throws Exception {
    RunOutput output = new RunOutput(work.resolve("run-" + events));
    CommandLine simmim =
        new CommandLine(
            "event-burst",
            Map.of(
                "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY,
                "SIMMIM_JAVA_OPTS", "-Xmx1g"));
    List<String> arguments =
        new ArrayList<>(
            List.of("pretrain", "--input", "s3://" + S3Server.BUCKET + "/images", "--output"));
    arguments.add(output.path().toString());
    arguments.addAll(List.of("--config", config.toString(), "--events", topic.toString()));
    // A window that ends before the objects do.
    for (String setting :
        List.of(
            "flink.s3.endpoint=" + server.endpoint(),
            "flink.s3.path.style.access=true",
            "checkpoint.interval=1s",
            "continuous.max-waiting=10000",
            "fetch.window-chunks=8",
            "image.size=224",
            "mask.patch-size=32",
            "encoder.patch-size=16",
            "encoder.embed-dim=384",
            "encoder.num-heads=6",
            "encoder.depth=12")) {
      arguments.addAll(List.of("--set", setting));
    }
    try (ChildProcess process = simmim.start(arguments)) {
      Awaitility.await("steps")
          .atMost(LIMIT)
          .until(() -> !process.isAlive() || output.lastStep() >= 2);
      long pid = pid(output);
      jcmd(pid, "GC.run");
      System.out.printf(
          "%d events: %d MB of heap in use, %d images taken in, %d steps%n",
          events, used(jcmd(pid, "GC.heap_info")) >> 10, arrived(output), output.lastStep());
    }
  }

  private static long arrived(RunOutput output) throws Exception {
    return ArrivalLogFiles.readNewest(
            new org.apache.flink.core.fs.Path(output.path().resolve("arrivals").toUri()))
        .size();
  }

  private static long pid(RunOutput output) {
    Optional<ProcessHandle> found =
        ProcessHandle.allProcesses()
            .filter(
                process ->
                    process
                        .info()
                        .arguments()
                        .map(arguments -> List.of(arguments).contains(output.path().toString()))
                        .orElse(false))
            .findFirst();
    return found.orElseThrow().pid();
  }

  private static String jcmd(long pid, String command) throws Exception {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process = new ProcessBuilder(tool.toString(), Long.toString(pid), command).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text;
  }

  /** KB in use of all generations; metaspace and class space do not count. */
  private static long used(String heapInfo) {
    Matcher used = USED.matcher(heapInfo.substring(0, heapInfo.indexOf("Metaspace")));
    long sum = 0;
    while (used.find()) {
      sum += Long.parseLong(used.group(1));
    }
    return sum;
  }
}
