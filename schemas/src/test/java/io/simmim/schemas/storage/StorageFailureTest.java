package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

class StorageFailureTest {
  @Test
  void credentialsThatAreRefused() {
    assertThat(
            reason(
                new IOException(
                    "getFileStatus on s3://b/x",
                    new AccessDeniedException("s3://b/x", null, "Forbidden (Service: Amazon S3)"))))
        .isEqualTo("access denied: the credentials are wrong or do not allow it");
  }

  @Test
  void credentialsThatAreMissing() {
    assertThat(
            reason(
                new IOException("x", new IOException("Unable to load AWS credentials from any"))))
        .isEqualTo(
            "no credentials found (for S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role)");
  }

  @Test
  void bucketThatDoesNotExist() {
    assertThat(
            reason(
                new IOException("The specified bucket does not exist (Error Code: NoSuchBucket)")))
        .isEqualTo("the bucket does not exist");
  }

  @Test
  void endpointThatDoesNotAnswer() {
    assertThat(
            reason(
                new IOException(
                    "Unable to execute HTTP request: Connect to 10.0.0.1:9000 [/10.0.0.1] failed:"
                        + " Connection refused: Unable to execute HTTP request")))
        .isEqualTo("cannot reach 10.0.0.1:9000: Connection refused");
    assertThat(reason(new IOException("x", new UnknownHostException("minio: Name not known"))))
        .isEqualTo("unknown host minio");
  }

  @Test
  void anythingElseIsItsFirstLineWithoutRequestIds() {
    assertThat(
            reason(
                new IOException(
                    "listStatus on s3://b: Slow Down (Service: Amazon S3; Status Code: 503; Request"
                        + " ID: 4442; Proxy: null), S3 Extended Request ID: null:503\nmore")))
        .isEqualTo("listStatus on s3://b: Slow Down");
    assertThat(reason(new AccessDeniedException("/folder"))).isEqualTo("/folder");
  }

  @Test
  void credentialsInUrisAreRefusedButNotAzuresContainers() {
    assertThatThrownBy(
            () -> StorageUri.requireNoCredentials("input", URI.create("s3://key:pa55@bucket/x")))
        .isInstanceOf(UserError.class)
        .hasMessage("input must not hold credentials: s3://******@bucket/x");
    for (String uri :
        new String[] {"abfss://container@account.dfs.core.windows.net/x", "/a@b", "s3://b/a@b"}) {
      assertThatCode(() -> StorageUri.requireNoCredentials("input", URI.create(uri)))
          .doesNotThrowAnyException();
    }
  }

  private static String reason(Throwable failure) {
    return StorageFailure.reason(failure);
  }
}
