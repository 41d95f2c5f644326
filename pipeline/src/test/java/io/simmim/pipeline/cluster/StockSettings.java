package io.simmim.pipeline.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a cluster of tests has in its {@code config.yaml}. */
final class StockSettings {
  private StockSettings() {}

  /**
   * Writes settings and those of the log, as the folder {@code conf} of a distribution has them.
   */
  static void write(Map<String, String> settings, Path folder) throws IOException {
    StringBuilder yaml = new StringBuilder();
    settings.forEach((key, value) -> yaml.append(key).append(": \"").append(value).append("\"\n"));
    Files.writeString(folder.resolve("config.yaml"), yaml);
    Files.writeString(
        folder.resolve("log4j.properties"),
        """
        rootLogger.level = INFO
        rootLogger.appenderRef.file.ref = File
        appender.file.name = File
        appender.file.type = File
        appender.file.fileName = ${sys:log.file}
        appender.file.append = true
        appender.file.layout.type = PatternLayout
        appender.file.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1} [%t] %m%n
        """);
  }

  /**
   * Loopback only, ports that the kernel chooses, TaskManagers of four slots.
   *
   * @param work folder for temporary files
   */
  static Map<String, String> of(Path work) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("jobmanager.rpc.address", "127.0.0.1");
    settings.put("jobmanager.rpc.port", "0");
    settings.put("jobmanager.bind-host", "127.0.0.1");
    settings.put("rest.address", "127.0.0.1");
    settings.put("rest.bind-address", "127.0.0.1");
    settings.put("rest.bind-port", "0");
    settings.put("rest.flamegraph.enabled", "false");
    // What REST tells of a job may be that old, 3 s by default: many a job of tests has ended then.
    settings.put("web.refresh-interval", "50 ms");
    settings.put("client.timeout", "5 min"); // of `flink stop`, on a busy machine
    settings.put("taskmanager.host", "127.0.0.1");
    settings.put("taskmanager.bind-host", "127.0.0.1");
    settings.put("taskmanager.numberOfTaskSlots", "4");
    settings.put("taskmanager.cpu.cores", "2.0");
    // The scripts of a distribution work these out from the size of the process.
    settings.put("taskmanager.memory.framework.heap.size", "128m");
    settings.put("taskmanager.memory.framework.off-heap.size", "128m");
    settings.put("taskmanager.memory.jvm-metaspace.size", "256m");
    settings.put("taskmanager.memory.jvm-overhead.min", "192m");
    settings.put("taskmanager.memory.jvm-overhead.max", "192m");
    settings.put("taskmanager.memory.task.heap.size", "512m");
    settings.put("taskmanager.memory.task.off-heap.size", "256m");
    settings.put("taskmanager.memory.network.min", "64m");
    settings.put("taskmanager.memory.network.max", "64m");
    settings.put("taskmanager.memory.managed.size", "32m");
    settings.put("io.tmp.dirs", Files.createDirectories(work.resolve("tmp")).toString());
    // A dead TaskManager is noticed by failing calls within seconds, not by the 50 s of the
    // default.
    settings.put("heartbeat.interval", "1 s");
    settings.put("heartbeat.timeout", "30 s");
    return settings;
  }
}
