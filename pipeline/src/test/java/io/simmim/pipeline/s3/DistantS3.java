package io.simmim.pipeline.s3;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * An HTTP proxy that makes an S3 server look far away and busy: every request takes longer, a share
 * of them is answered 503 SlowDown, and another share by closing the connection. Which ones follows
 * from the order of requests.
 *
 * <p>One thread per connection; {@link #close} ends them.
 */
public final class DistantS3 implements AutoCloseable {
  private static final byte[] SLOW_DOWN =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>
      """
          .getBytes(StandardCharsets.UTF_8);

  private static final byte[] ACCESS_DENIED =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>
      """
          .getBytes(StandardCharsets.UTF_8);

  private static final byte[] ARCHIVED =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Error><Code>InvalidObjectState</Code>
      <Message>The operation is not valid for the object's storage class</Message></Error>
      """
          .getBytes(StandardCharsets.UTF_8);

  /** Of an image that has to wait: shorter than a client's patience. */
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(20);

  private static final Pattern OBJECT =
      Pattern.compile("(GET|HEAD) \\S+\\.jpe?g ", Pattern.CASE_INSENSITIVE);

  /**
   * What happens to requests.
   *
   * @param latency before each answer
   * @param refused share that is answered 503
   * @param reset share whose connection is closed without an answer
   * @param remembered whether answers about objects are kept and repeated, so that the server takes
   *     no time of this machine's processor
   */
  public record Behavior(Duration latency, double refused, double reset, boolean remembered) {}

  private final ServerSocket listener;
  private final int serverPort;
  private final Behavior behavior;
  private final Random random = new Random(1);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<String, byte[]> memory = new ConcurrentHashMap<>();
  private final Map<String, byte[]> denied = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong images = new AtomicLong();
  private volatile long quick = Long.MAX_VALUE;
  private final AtomicLong faults = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();

  private DistantS3(ServerSocket listener, int serverPort, Behavior behavior) {
    this.listener = listener;
    this.serverPort = serverPort;
    this.behavior = behavior;
  }

  public static DistantS3 start(S3Server server, Behavior behavior) throws IOException {
    ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    DistantS3 proxy = new DistantS3(listener, server.port(), behavior);
    daemon("distant-s3", proxy::accept);
    return proxy;
  }

  /** From now on requests with such a part in their line are answered 403, as a policy does. */
  public void deny(String part) {
    denied.put(part, ACCESS_DENIED);
  }

  /** From now on such requests are answered as of an object in Glacier. */
  public void archive(String part) {
    denied.put(part, ARCHIVED);
  }

  /**
   * From now on so many images are answered as before, and then each takes seconds, so that a run
   * is still in its middle when something happens to it, on a machine of any speed.
   */
  public void slowDownAfter(int some) {
    quick = images.get() + some;
  }

  /** Answers all images as before {@link #slowDownAfter} again. */
  public void speedUp() {
    quick = Long.MAX_VALUE;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  public long requests() {
    return requests.get();
  }

  /** Connections that clients opened. */
  public long connections() {
    return connections.get();
  }

  /** Requests that were refused or reset. */
  public long faults() {
    return faults.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket client = listener.accept();
        connections.incrementAndGet();
        sockets.add(client);
        daemon("distant-s3-" + client.getPort(), () -> serve(client));
      }
    } catch (IOException e) {
      if (!listener.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      sockets.add(server);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      HttpMessages fromClient = new HttpMessages(client.getInputStream());
      HttpMessages fromServer = new HttpMessages(server.getInputStream());
      OutputStream toClient = client.getOutputStream();
      OutputStream toServer = server.getOutputStream();
      boolean open = true;
      while (open && fromClient.next()) {
        open = exchange(fromClient, toServer, fromServer, toClient);
      }
      sockets.remove(server);
    } catch (IOException e) {
      // Either side may end a connection at any time; who needs an answer asks again.
    } finally {
      sockets.remove(client);
    }
  }

  /** Returns whether the connection stays open. */
  private boolean exchange(
      HttpMessages request, OutputStream toServer, HttpMessages answer, OutputStream toClient)
      throws IOException {
    requests.incrementAndGet();
    LockSupport.parkNanos(behavior.latency().toNanos());
    if (OBJECT.matcher(request.startLine()).lookingAt()) {
      awaitTurn(images.incrementAndGet());
    }
    double draw = draw();
    if (draw < behavior.refused() + behavior.reset()) {
      faults.incrementAndGet();
      return draw < behavior.refused() && refuse(request, toClient);
    }
    for (Map.Entry<String, byte[]> refusal : denied.entrySet()) {
      if (request.startLine().contains(refusal.getKey())) {
        return answer(request, "403 Forbidden", refusal.getValue(), toClient);
      }
    }
    String key = behavior.remembered() ? request.startLine() + request.header("range") : "";
    byte[] known = memory.get(key);
    if (known != null) {
      toClient.write(known);
      return true;
    }
    toServer.write(request.head());
    boolean waits = request.header("expect").equalsIgnoreCase("100-continue");
    if (!waits) {
      request.copyBody(toServer);
    }
    if (!answer.next()) {
      return false;
    }
    if (waits && answer.status() == 100) {
      toClient.write(answer.head());
      request.copyBody(toServer);
      if (!answer.next()) {
        return false;
      }
    }
    boolean memorable = behavior.remembered() && OBJECT.matcher(key).lookingAt();
    if (memorable && answer.status() / 100 == 2) {
      byte[] whole = answer.whole(request.method().equals("HEAD"));
      memory.put(key, whole);
      toClient.write(whole);
    } else {
      toClient.write(answer.head());
      if (!request.method().equals("HEAD")) {
        answer.copyBody(toClient);
      }
    }
    toClient.flush();
    return !answer.header("connection").equalsIgnoreCase("close");
  }

  private void awaitTurn(long image) {
    long begin = System.nanoTime();
    while (image > quick && System.nanoTime() - begin < LONG.toNanos()) {
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private double draw() {
    synchronized (random) {
      return random.nextDouble();
    }
  }

  private static boolean refuse(HttpMessages request, OutputStream toClient) throws IOException {
    return answer(request, "503 Slow Down", SLOW_DOWN, toClient);
  }

  /** Returns whether the connection stays open: not when a body may or may not follow. */
  private static boolean answer(
      HttpMessages request, String status, byte[] body, OutputStream toClient) throws IOException {
    boolean waits = request.header("expect").equalsIgnoreCase("100-continue");
    if (!waits) {
      request.copyBody(OutputStream.nullOutputStream());
    }
    String head =
        "HTTP/1.1 %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n"
            + (waits ? "Connection: close\r\n\r\n" : "\r\n");
    toClient.write(head.formatted(status, body.length).getBytes(StandardCharsets.US_ASCII));
    if (!request.method().equals("HEAD")) {
      toClient.write(body);
    }
    toClient.flush();
    return !waits;
  }
}
