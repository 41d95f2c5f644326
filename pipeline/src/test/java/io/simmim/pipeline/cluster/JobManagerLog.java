package io.simmim.pipeline.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * What a JobManager says of itself when it starts.
 *
 * @param file its log
 * @param process that writes it
 */
record JobManagerLog(Path file, ChildProcess process) {
  private static final Pattern RPC =
      Pattern.compile("Actor system started at pekko\\.tcp://flink@127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern REST =
      Pattern.compile("Rest endpoint listening at 127\\.0\\.0\\.1:(\\d+)");
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  String awaitRpcPort() {
    return await(RPC);
  }

  String awaitRestPort() {
    return await(REST);
  }

  private String await(Pattern pattern) {
    return Awaitility.await("JobManager")
        .atMost(START_LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> find(pattern), port -> !port.isEmpty());
  }

  private String find(Pattern pattern) throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException("the JobManager ended: " + process.errors());
    }
    Matcher matcher = pattern.matcher(Files.exists(file) ? Files.readString(file) : "");
    return matcher.find() ? matcher.group(1) : "";
  }
}
