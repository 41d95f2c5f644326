package io.simmim.pipeline.mlflow;

import io.simmim.schemas.thread.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** A server that sends the headers of an answer and half of its body, and then no more. */
final class HalfAnswer implements AutoCloseable {
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"experiment";

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final CountDownLatch answered = new CountDownLatch(1);
  private final CountDownLatch left = new CountDownLatch(1);
  private final Thread thread = new Thread(this::answer, "half-answer");
  private volatile Socket asking;

  HalfAnswer() throws IOException {
    thread.setDaemon(true);
    thread.start();
  }

  private void answer() {
    try (Socket client = socket.accept()) {
      asking = client;
      byte[] request = new byte[4096];
      if (client.getInputStream().read(request) < 0) {
        return;
      }
      client.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
      client.getOutputStream().flush();
      answered.countDown();
      while (client.getInputStream().read(request) >= 0) {}
      left.countDown();
    } catch (SocketException e) {
      left.countDown(); // closed by the other side in a harsher way, or by the test
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /** Waits until half of an answer is on its way. */
  void awaitAnswered() throws InterruptedException {
    answered.await();
  }

  /** Waits until whoever asked has closed the connection. */
  void awaitLeft() throws InterruptedException {
    left.await();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    if (asking != null) {
      asking.close();
    }
    Threads.end(thread);
  }
}
