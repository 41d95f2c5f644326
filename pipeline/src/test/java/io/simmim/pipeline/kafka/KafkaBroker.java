package io.simmim.pipeline.kafka;

import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.ClassArchive;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;

/**
 * A Kafka broker, its own controller, in a JVM of its own, on loopback. It can be killed and
 * started again on the same data and port. {@link #close} ends it.
 */
public final class KafkaBroker implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What the broker needs of the class path of the test; not Flink and not our own. */
  private static final Pattern JARS = Pattern.compile("(?!flink-|simmim-).*\\.jar");

  private static final ClassArchive ARCHIVE = new ClassArchive("kafka");

  private final Path work;
  private final int port;
  private ChildProcess process;
  private boolean writesArchive;
  private int starts;

  private KafkaBroker(Path work, int port) {
    this.work = work;
    this.port = port;
  }

  /**
   * Starts a broker without topics.
   *
   * @param work folder for configuration, logs and data
   */
  public static KafkaBroker start(Path work) throws IOException, InterruptedException {
    return start(work, "");
  }

  /** One that makes no topic for who writes to it, as many companies have them. */
  public static KafkaBroker startWithoutMakingTopics(Path work)
      throws IOException, InterruptedException {
    return start(work, "auto.create.topics.enable=false\n");
  }

  private static KafkaBroker start(Path work, String settings)
      throws IOException, InterruptedException {
    Files.createDirectories(work);
    KafkaBroker broker = new KafkaBroker(work, freePort());
    broker.configure(freePort());
    Files.writeString(broker.settings(), settings, StandardOpenOption.APPEND);
    broker.format();
    broker.restart();
    return broker;
  }

  /** As Kafka's script does, which starts a JVM for it. */
  private void format() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    String[] arguments = {"format", "-t", clusterId(), "-c", settings().toString()};
    int exitCode =
        StorageTool.execute(arguments, new PrintStream(printed, true, StandardCharsets.UTF_8));
    if (exitCode != 0) {
      throw new AssertionError(printed.toString(StandardCharsets.UTF_8));
    }
  }

  private void configure(int controllerPort) throws IOException {
    Files.writeString(
        settings(),
        """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%2$d
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs=%3$s
        broker.session.timeout.ms=2000
        broker.heartbeat.interval.ms=500
        message.max.bytes=4194304
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
        allow.everyone.if.no.acl.found=true
        """
            .formatted(port, controllerPort, work.resolve("data")));
    Files.writeString(
        work.resolve("log4j.properties"),
        """
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = Console
        appender.console.name = Console
        appender.console.type = Console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1} %m%n
        """);
  }

  private Path settings() {
    return work.resolve("server.properties");
  }

  private static String clusterId() {
    return Uuid.randomUuid().toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private ChildProcess run() throws IOException {
    String jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> JARS.matcher(Path.of(entry).getFileName().toString()).matches())
            .collect(Collectors.joining(File.pathSeparator));
    writesArchive = ARCHIVE.isMissing();
    List<String> command =
        Stream.of(
                List.of(ChildProcess.java(), "-Xmx512m"),
                ChildProcess.QUICK_START,
                writesArchive ? ARCHIVE.write() : ARCHIVE.read(),
                List.of("-Dlog4j2.configurationFile=" + work.resolve("log4j.properties")),
                List.of("-cp", jars, "kafka.Kafka", settings().toString()))
            .flatMap(List::stream)
            .toList();
    return ChildProcess.start(work.resolve("logs"), "broker-" + starts++, Map.of(), command);
  }

  /** Starts it on the same data and port, after {@link #kill}. */
  public void restart() throws IOException {
    process = run();
    Awaitility.await("Kafka broker")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .until(this::answers);
  }

  private boolean answers() {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the Kafka broker ended: " + process.output() + process.errors());
    }
    if (!process.output().contains("Kafka Server started")) {
      return false;
    }
    try (Admin admin = admin()) {
      return admin.describeCluster().nodes().get().size() == 1;
    } catch (ExecutionException e) {
      return false; // not yet
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** {@code kill -9}. */
  public void kill() {
    process.kill();
  }

  /** Makes a topic. */
  public KafkaTopic createTopic(String name, int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }
    return topic(name);
  }

  /** A topic here, whether it exists or not. */
  public KafkaTopic topic(String name) {
    return new KafkaTopic(address(), name);
  }

  /** Gives a topic more partitions. */
  public void growTopic(String name, int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createPartitions(Map.of(name, NewPartitions.increaseTo(partitions))).all().get();
    }
  }

  /** Deletes the records of a partition before an offset. */
  public void deleteRecords(String name, int partition, long before) throws Exception {
    try (Admin admin = admin()) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(name, partition), RecordsToDelete.beforeOffset(before)))
          .all()
          .get();
    }
  }

  /** Allows a topic to somebody else only. */
  public void deny(String name) throws Exception {
    try (Admin admin = admin()) {
      admin.createAcls(List.of(ofSomebodyElse(name))).all().get();
    }
  }

  /** Allows a topic to everybody again. */
  public void allow(String name) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteAcls(List.of(ofSomebodyElse(name).toFilter())).all().get();
    }
  }

  private static AclBinding ofSomebodyElse(String name) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL),
        new AccessControlEntry("User:somebody", "*", AclOperation.ALL, AclPermissionType.ALLOW));
  }

  /** Deletes a topic. */
  public void deleteTopic(String name) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(name)).all().get();
    }
  }

  /** Names of all topics. */
  public List<String> topics() throws Exception {
    try (Admin admin = admin()) {
      return admin.listTopics().names().get().stream().sorted().toList();
    }
  }

  private Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address()));
  }

  /** {@code host:port}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    if (writesArchive) {
      ARCHIVE.end(process);
    }
    process.close();
  }
}
