package io.simmim.pipeline.report.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.simmim.pipeline.report.html.PageFrame;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the report of runs by HTTP, on this machine only. It reads what lies in their outputs when
 * somebody looks, writes nothing, and shows nothing else of the machine.
 */
public final class ReportServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReportServer.class);

  /** A page of another site cannot make a browser ask for us under one of these names. */
  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private static final Set<String> METHODS = Set.of("GET", "HEAD");

  /** More than pages are made at a time, for those whose clients are slow. */
  private static final int THREADS = 16;

  /** What is read for a page takes memory of the run that is looked at. */
  private static final int PAGES_AT_A_TIME = 2;

  /**
   * A client that sends half of a request, or does not take its answer, would keep a thread for
   * ever. The JDK's server has these limits for all servers of a JVM, and reads them once.
   */
  private static final Map<String, Duration> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqTime", Duration.ofSeconds(5),
          "sun.net.httpserver.maxRspTime", Duration.ofMinutes(5));

  static {
    LIMITS.forEach(
        (property, limit) -> {
          if (System.getProperty(property) == null) {
            System.setProperty(property, Long.toString(limit.toSeconds()));
          }
        });
  }

  private static final String HTML = "text/html; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads;

  private ReportServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Begins to serve.
   *
   * @param outputs of runs, or folders of them
   * @param port on the loopback address; 0 for any that is free
   * @throws IOException if the port cannot be had
   * @throws UserError if there is no run
   */
  public static ReportServer start(List<String> outputs, int port) throws IOException {
    ServedRuns runs = new ServedRuns(outputs, Clock.systemUTC(), System::nanoTime);
    runs.all();
    return start(new ServedPages(runs)::page, port);
  }

  /** Makes pages of what was asked for; nothing if there is no such run. */
  interface Pages {
    Optional<String> page(Map<String, List<String>> query);
  }

  /** The same with pages of any kind. */
  static ReportServer start(Pages pages, int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    ExecutorService threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "report");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    Semaphore making = new Semaphore(PAGES_AT_A_TIME);
    server.createContext("/", exchange -> handle(exchange, pages, making));
    server.start();
    return new ReportServer(server, threads);
  }

  /** Where it is. */
  public String address() {
    return String.format(Locale.ROOT, "http://localhost:%d/", server.getAddress().getPort());
  }

  private static void handle(HttpExchange exchange, Pages pages, Semaphore making)
      throws IOException {
    try (exchange) {
      Answer answer;
      making.acquireUninterruptibly();
      try {
        answer = answer(exchange, pages);
      } finally {
        making.release();
      }
      byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", answer.type());
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set(
          "Content-Security-Policy", PageFrame.SERVED.policy() + "; frame-ancestors 'none'");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private record Answer(int status, String type, String text) {
    static Answer plain(int status, String text) {
      return new Answer(status, "text/plain; charset=utf-8", text + "\n");
    }
  }

  private static Answer answer(HttpExchange exchange, Pages pages) {
    if (!METHODS.contains(exchange.getRequestMethod())) {
      return Answer.plain(405, "only GET and HEAD");
    }
    if (!isOwnName(exchange.getRequestHeaders().getFirst("Host"))) {
      return Answer.plain(421, "this is served on this machine only, as localhost");
    }
    try {
      return switch (exchange.getRequestURI().getPath()) {
        case "/" -> {
          Map<String, List<String>> query = Query.of(exchange.getRequestURI().getRawQuery());
          yield pages
              .page(query)
              .map(page -> new Answer(200, HTML, page))
              .orElse(Answer.plain(404, "no such run here"));
        }
        case "/" + PageFrame.SCRIPT -> new Answer(200, "text/javascript; charset=utf-8", script());
        default -> Answer.plain(404, "nothing here; the report is at /");
      };
    } catch (UserError e) {
      return Answer.plain(404, e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("The report cannot be made", e);
      return Answer.plain(500, "the report cannot be made: " + e.getMessage());
    } catch (OutOfMemoryError e) {
      LOG.warn("The report cannot be made: {}", e.getMessage()); // by now there is memory again
      return Answer.plain(
          500,
          String.format(
              Locale.ROOT,
              "the report takes more memory than there is: %s (Java's heap may take %d MiB)",
              e.getMessage(),
              Runtime.getRuntime().maxMemory() >> 20));
    }
  }

  private static boolean isOwnName(String host) {
    return host != null && OWN_NAMES.contains(host.replaceFirst(":[0-9]{1,5}$", ""));
  }

  private static String script() {
    try (InputStream in = ReportServer.class.getResourceAsStream(PageFrame.SCRIPT)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
