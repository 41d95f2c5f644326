package io.simmim.pipeline.cluster;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A standalone Flink session cluster in JVMs of its own, started as the scripts of a Flink
 * distribution start it, from the jars that Maven resolved. It listens on loopback and on ports
 * that the kernel chose. Confined to one thread; {@link #close} ends every process.
 */
public final class StandaloneCluster implements AutoCloseable {
  private static final Path JAR = Path.of("target", "simmim-pipeline.jar").toAbsolutePath();
  private static final Pattern SUBMITTED = Pattern.compile("JobID ([0-9a-f]{32})");
  private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(5);

  private final Path work;
  private final Path logs;
  private final Map<String, String> settings = new TreeMap<>();
  private final Map<String, String> environment;
  private final List<ChildProcess> taskManagers = new ArrayList<>();
  private final Map<ChildProcess, ClassArchive> archivists = new LinkedHashMap<>();
  private final String flink = FlinkClassPath.asArgument();
  private String classPath = flink;
  private ChildProcess jobManager;
  private RestClient rest;
  private int started;

  private StandaloneCluster(Path work, Path logs, Map<String, String> environment) {
    this.work = work;
    this.logs = logs;
    this.environment = environment;
  }

  /**
   * Starts a JobManager and one TaskManager with four slots and waits until both know each other.
   * Plugins are those in this JVM's {@code FLINK_PLUGINS_DIR}.
   *
   * @param work folder for configuration and temporary files
   * @param name folder of the logs below {@code target/cluster}
   * @param settings its own in {@code config.yaml}
   * @param environment variables for its processes
   */
  public static StandaloneCluster start(
      Path work, String name, Map<String, String> settings, Map<String, String> environment)
      throws IOException {
    return prepare(work, name, settings, environment).started();
  }

  /**
   * As {@link #start}, with the project's jar in {@code lib/} as well, from where jobs take their
   * classes.
   */
  public static StandaloneCluster startWithJarInLib(Path work, String name) throws IOException {
    return startWithJarInLib(work, name, Map.of(), Map.of());
  }

  /** As {@link #startWithJarInLib(Path, String)}, with settings of its own. */
  public static StandaloneCluster startWithJarInLib(
      Path work, String name, Map<String, String> settings) throws IOException {
    return startWithJarInLib(work, name, settings, Map.of());
  }

  /** As {@link #startWithJarInLib(Path, String)}, with settings and environment of its own. */
  public static StandaloneCluster startWithJarInLib(
      Path work, String name, Map<String, String> settings, Map<String, String> environment)
      throws IOException {
    StandaloneCluster cluster = prepare(work, name, settings, environment);
    cluster.settings.put("classloader.resolve-order", "parent-first");
    cluster.classPath = cluster.flink + File.pathSeparator + JAR;
    return cluster.started();
  }

  private static StandaloneCluster prepare(
      Path work, String name, Map<String, String> settings, Map<String, String> environment)
      throws IOException {
    StandaloneCluster cluster =
        new StandaloneCluster(
            Files.createDirectories(work),
            emptied(Path.of("target", "cluster", name)),
            environment);
    cluster.settings.putAll(settings);
    return cluster;
  }

  private StandaloneCluster started() throws IOException {
    try {
      startJobManager();
      startTaskManager();
      awaitTaskManagers(1);
      return this;
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  public RestClient rest() {
    return rest;
  }

  public ChildProcess jobManager() {
    return jobManager;
  }

  /** The TaskManager started last. */
  public ChildProcess taskManager() {
    return taskManagers.get(taskManagers.size() - 1);
  }

  /** Starts one more TaskManager. */
  public void startTaskManager() throws IOException {
    startTaskManager(Map.of());
  }

  /**
   * Starts one more TaskManager, a machine of another kind.
   *
   * @param different settings that it has other than the cluster's
   * @return its id
   */
  public String startTaskManager(Map<String, String> different) throws IOException {
    started++;
    String id = "taskmanager-" + started;
    List<String> arguments = new ArrayList<>(List.of("-D", "taskmanager.resource-id=" + id));
    different.forEach((key, value) -> arguments.addAll(List.of("-D", key + "=" + value)));
    taskManagers.add(
        entryPoint(
            id,
            "taskmanager",
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            List.of("-Xmx640m", "-XX:MaxDirectMemorySize=448m", "-XX:MaxMetaspaceSize=256m"),
            arguments));
    return id;
  }

  /** Waits until that many TaskManagers have registered. */
  public void awaitTaskManagers(int count) {
    Awaitility.await("TaskManagers")
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptionsInstanceOf(IOException.class) // until its dispatcher is up
        .until(() -> rest.taskManagers() >= count);
  }

  /**
   * Runs Flink's command line in a JVM of its own, as {@code bin/flink} does.
   *
   * @return what it printed and its exit code
   */
  public CommandResult flink(String... arguments) throws IOException, InterruptedException {
    started++;
    ClassArchive archive = archiveOf("client");
    List<String> command =
        client(archive.isMissing() ? archive.write() : archive.read(), List.of(arguments));
    try (ChildProcess client =
        ChildProcess.start(logs, "client-" + started, clientEnvironment(), command)) {
      CommandResult result = client.await(COMMAND_LIMIT);
      archive.finish();
      return result;
    }
  }

  /** Of the cluster's own variables the client has that of the plugins. */
  private Map<String, String> clientEnvironment() throws IOException {
    Map<String, String> variables = new TreeMap<>(environment);
    variables.keySet().retainAll(List.of("FLINK_PLUGINS_DIR"));
    variables.put("FLINK_CONF_DIR", configuration().toString());
    return variables;
  }

  /** The same for a shell, which may put variables into the arguments. */
  public String shell(String... arguments) throws IOException {
    started++;
    List<String> words = new ArrayList<>(List.of("FLINK_CONF_DIR=" + configuration()));
    for (String word : client(List.of(), List.of(arguments))) {
      words.add('"' + word + '"');
    }
    return String.join(" ", words);
  }

  private List<String> client(List<String> flags, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(jvm("client-" + started));
    command.addAll(flags);
    command.addAll(List.of("-Xmx256m", "-cp", classPath));
    command.add("org.apache.flink.client.cli.CliFrontend");
    command.addAll(arguments);
    return command;
  }

  /** What {@code flink run} is given: the project's jar, or a name for it if that is in lib/. */
  public Path jobJar() throws IOException {
    return jarIsInLib() ? NamedJar.in(work) : JAR;
  }

  /**
   * Submits {@link #jobJar} with {@code flink run -d}, in the JVM of the test if the jar is in
   * lib/.
   *
   * @param flinkOptions options of {@code flink run}
   * @param arguments what follows the jar
   * @return id of the job
   */
  public String submit(List<String> flinkOptions, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("run", "-d"));
    command.addAll(flinkOptions);
    command.add(jobJar().toString());
    command.addAll(arguments);
    return find(SUBMITTED, quickly(command).orFail().output());
  }

  /**
   * Stops a job with {@code flink stop}.
   *
   * @param folder where the savepoint goes
   * @return the savepoint
   */
  public Path stop(String job, Path folder) throws IOException, InterruptedException {
    return Path.of(URI.create(stop(job, folder.toString())).getPath());
  }

  /**
   * Stops a job with {@code flink stop}.
   *
   * @param folder URI of where the savepoint goes
   * @return URI of the savepoint
   */
  public String stop(String job, String folder) throws IOException, InterruptedException {
    CommandResult result = quickly(List.of("stop", "--savepointPath", folder, job)).orFail();
    return find(SAVEPOINT, result.output());
  }

  private CommandResult quickly(List<String> command) throws IOException, InterruptedException {
    return jarIsInLib()
        ? new FlinkClient(configuration()).run(command)
        : flink(command.toArray(String[]::new));
  }

  @Override
  public void close() {
    archivists.forEach((process, archive) -> archive.end(process));
    for (ChildProcess taskManager : taskManagers) {
      taskManager.close();
    }
    if (jobManager != null) {
      jobManager.close();
    }
  }

  /** Ports are read from the logs, so none may be left from an earlier run. */
  private static Path emptied(Path folder) throws IOException {
    try (Stream<Path> old = Files.list(Files.createDirectories(folder))) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    return folder.toAbsolutePath();
  }

  private void startJobManager() throws IOException {
    settings.putAll(StockSettings.of(work));
    jobManager =
        entryPoint(
            "jobmanager",
            "jobmanager",
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            List.of("-Xmx512m", "-XX:MaxMetaspaceSize=256m"),
            List.of());
    JobManagerLog log = new JobManagerLog(logs.resolve("jobmanager.log"), jobManager);
    String rpcPort = log.awaitRpcPort();
    String restPort = log.awaitRestPort();
    settings.put("jobmanager.rpc.port", rpcPort);
    settings.put("rest.port", restPort);
    rest = new RestClient(URI.create("http://127.0.0.1:" + restPort));
  }

  private ChildProcess entryPoint(
      String name, String kind, String mainClass, List<String> flags, List<String> arguments)
      throws IOException {
    ClassArchive archive = archiveOf(kind);
    // Options of its own could make an archive that fits no other JVM.
    boolean ordinary =
        environment.keySet().stream().noneMatch(variable -> variable.endsWith("_OPTIONS"));
    boolean writes = archive.isMissing() && !archivists.containsValue(archive) && ordinary;
    List<String> command = new ArrayList<>(jvm(name));
    command.addAll(writes ? archive.write() : archive.read());
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(List.of("--configDir", configuration().toString()));
    command.addAll(arguments);
    ChildProcess process = ChildProcess.start(logs, name, environment, command);
    if (writes) {
      archivists.put(process, archive);
    }
    return process;
  }

  private boolean jarIsInLib() {
    return !classPath.equals(flink);
  }

  private ClassArchive archiveOf(String kind) {
    return new ClassArchive(jarIsInLib() ? kind + "-with-jar" : kind);
  }

  private List<String> jvm(String name) throws IOException {
    List<String> flags = new ArrayList<>(List.of(ChildProcess.java()));
    flags.addAll(ChildProcess.QUICK_START);
    flags.addAll(FlinkClassPath.STOCK_JVM_FLAGS);
    flags.add("-Dlog.file=" + logs.resolve(name + ".log"));
    flags.add("-Dlog4j2.configurationFile=" + configuration().resolve("log4j.properties"));
    flags.add("-Djava.io.tmpdir=" + Files.createDirectories(work.resolve("tmp")));
    return flags;
  }

  /** Writes the settings known so far; a folder of its own for each process to read at leisure. */
  private Path configuration() throws IOException {
    Path folder = Files.createDirectories(work.resolve("conf-" + started));
    StockSettings.write(settings, folder);
    return folder;
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new AssertionError("no '" + pattern + "' in: " + text);
    }
    return matcher.group(1);
  }
}
