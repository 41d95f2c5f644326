package io.simmim.pipeline.http;

import io.simmim.schemas.text.Amount;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks servers that may answer slowly, without end, or not at all. Thread-safe. */
public final class BoundedHttp {
  private final Duration answering;
  private final int longest;
  private final HttpClient client;

  /**
   * @param connecting how long a connection may take
   * @param answering how long a whole answer may take, with the connection
   * @param longest bytes of an answer that are kept at most
   */
  public BoundedHttp(Duration connecting, Duration answering, int longest) {
    this.answering = answering;
    this.longest = longest;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connecting)
            .build();
  }

  /**
   * Asks once. The time-out of a request ends with the headers of its answer, so the whole answer
   * is waited for here. If it does not come its connection is closed.
   *
   * @return the answer, or of a longer one the first bytes
   * @throws HttpTimeoutException if it does not come in time
   */
  public HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, head -> new LimitedBody(longest));
    try {
      return answer.get(answering.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      HttpTimeoutException late =
          new HttpTimeoutException("no whole answer in " + Amount.of(answering));
      late.initCause(e);
      throw late;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    } finally {
      answer.cancel(true);
    }
  }
}
