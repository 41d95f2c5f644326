package io.simmim.pipeline.s3;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.pipeline.cluster.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;

/**
 * S3Proxy in a JVM of its own, on loopback and a port that the kernel chose. It checks signatures
 * and keeps objects in memory: its stores of files take every prefix for an object, or wait 10 s to
 * delete several. {@link #close} ends it.
 */
public final class S3Server implements AutoCloseable {
  public static final String BUCKET = "bucket";
  public static final String ACCESS_KEY = "test-access-key";
  public static final String SECRET_KEY = "test-5ecret-k3y";

  private static final Path JAR = Path.of("target", "s3-server", "s3proxy.jar");
  private static final Pattern STARTED =
      Pattern.compile("Started ServerConnector@\\w+\\{HTTP/1.1[^}]*}\\{127\\.0\\.0\\.1:(\\d+)}");
  private static final Duration START_LIMIT = Duration.ofMinutes(3);

  private final ChildProcess process;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  private S3Server(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** What the launcher's environment must hold, so that it may use the server. */
  public static Map<String, String> environment() {
    return Map.of(
        "AWS_ACCESS_KEY_ID",
        ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY",
        SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED",
        "true");
  }

  /** A command that may use the server wherever it runs. */
  public static List<String> withCredentials(List<String> command) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--set", "flink.s3.access-key=" + ACCESS_KEY));
    all.addAll(List.of("--set", "flink.s3.secret-key=" + SECRET_KEY));
    return all;
  }

  /**
   * What a cluster's configuration must hold, so that it may use the server.
   *
   * @param endpoint the server's, or of what stands before it
   */
  public static Map<String, String> settings(URI endpoint) {
    return Map.of(
        "s3.endpoint",
        endpoint.toString(),
        "s3.path.style.access",
        "true",
        "s3.access-key",
        ACCESS_KEY,
        "s3.secret-key",
        SECRET_KEY);
  }

  /**
   * Starts a server with one empty bucket. Tests that ask for it are skipped where Hadoop's client
   * does not run.
   *
   * @param work folder for configuration and logs
   */
  public static S3Server start(Path work) throws IOException, InterruptedException {
    assumeTrue(Runtime.version().feature() < 23, "Hadoop's client for S3 needs Java 17 to 22");
    Path settings = Files.createDirectories(work).resolve("s3proxy.conf");
    Files.writeString(
        settings,
        """
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        s3proxy.endpoint=http://127.0.0.1:0
        jclouds.provider=transient
        jclouds.identity=unused
        jclouds.credential=unused
        """
            .formatted(ACCESS_KEY, SECRET_KEY));
    ChildProcess process =
        ChildProcess.start(
            work.resolve("logs"),
            "s3proxy",
            Map.of(),
            Stream.of(
                    List.of(ChildProcess.java(), "-Xmx512m"),
                    ChildProcess.QUICK_START,
                    List.of("-jar", JAR.toAbsolutePath().toString()),
                    List.of("--properties", settings.toString()))
                .flatMap(List::stream)
                .toList());
    try {
      S3Server server = new S3Server(process, awaitPort(process));
      server.createBucket();
      return server;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      process.close();
      throw e;
    }
  }

  /** What the file system's plugin cannot do. */
  private void createBucket() throws IOException, InterruptedException {
    sendPut("/" + BUCKET, new byte[0]);
  }

  /** Creates or replaces an object under any key, also one that no file system could name. */
  public void put(String key, byte[] content) throws IOException, InterruptedException {
    sendPut("/" + BUCKET + "/" + encoded(key), content);
  }

  /** Signed as AWS's first version, which is short. */
  private void sendPut(String path, byte[] content) throws IOException, InterruptedException {
    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
    String signed = "PUT\n\n\n\nx-amz-date:%s\n%s".formatted(date, path);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(endpoint() + path))
            .PUT(HttpRequest.BodyPublishers.ofByteArray(content))
            .header("x-amz-date", date)
            .header("Authorization", "AWS %s:%s".formatted(ACCESS_KEY, signature(signed)))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(
          "cannot put %s: %d %s".formatted(path, answer.statusCode(), answer.body()));
    }
  }

  private static String encoded(String key) {
    return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }

  private static String signature(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(SECRET_KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA1", e);
    }
  }

  private static int awaitPort(ChildProcess process) {
    String port =
        Awaitility.await("S3 server")
            .atMost(START_LIMIT)
            .pollInterval(Duration.ofMillis(50))
            .until(() -> port(process), found -> !found.isEmpty());
    return Integer.parseInt(port);
  }

  private static String port(ChildProcess process) {
    if (!process.isAlive()) {
      throw new IllegalStateException("the S3 server ended: " + process.output());
    }
    Matcher started = STARTED.matcher(process.output() + process.errors());
    return started.find() ? started.group(1) : "";
  }

  int port() {
    return port;
  }

  /** Where it answers at once and without faults. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    process.close();
  }
}
