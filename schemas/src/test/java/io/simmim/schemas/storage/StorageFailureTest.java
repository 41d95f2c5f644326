package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonFactory;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void objectsThatAreArchived() {
    assertThat(
            reason(
                new AccessDeniedException(
                    "s3a://b/x.jpg",
                    null,
                    "open s3a://b/x.jpg: The operation is not valid for the object's storage class"
                        + " (Service: Amazon S3; Status Code: 403; Error Code: InvalidObjectState)")))
        .isEqualTo("it is in an archive of S3 (Glacier, say), which has to restore it first");
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

  /** As Java 25 and Java 23 say it. */
  @Test
  void javaThatHadoopDoesNotRunOn() {
    for (String words :
        List.of(
            "getSubject is not supported",
            "getSubject is supported only if a security manager is allowed")) {
      assertThat(reason(new IOException(words, new UnsupportedOperationException(words))))
          .isEqualTo(
              "Hadoop's client does not run on Java %d; take Java 17 to 22 (JAVA_HOME)"
                  .formatted(Runtime.version().feature()));
    }
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

  /** Of these the class alone tells what is wrong. */
  @Test
  void whatAFileOfThisMachineIsRefusedFor(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("a"));

    assertThat(reason(new AccessDeniedException("/runs/a")))
        .isEqualTo("/runs/a: permission denied");
    assertThat(reasonOf(() -> Files.readString(folder.resolve("b"))))
        .isEqualTo(folder.resolve("b") + ": no such file or folder");
    assertThat(reason(new NotDirectoryException(file.toString())))
        .isEqualTo(file + ": not a folder");
    assertThat(reasonOf(() -> Files.createFile(file)))
        .isEqualTo(file + ": there is a file of this name");
    assertThat(reasonOf(() -> Files.delete(folder)))
        .isEqualTo(folder + ": the folder is not empty");
    assertThat(reason(new FileSystemException("/a", null, "Read-only file system")))
        .isEqualTo("/a: Read-only file system");
  }

  @Test
  void aFileThatCannotBeWrittenIsNamedAndAFullDiskIsToBeMadeRoomOn() {
    IOException other = StorageFailure.unwritten("/a", new IOException("Input/output error"));
    IOException full = StorageFailure.unwritten("/a", new IOException("No space left on device"));

    assertThat(other).hasMessage("cannot write /a: Input/output error");
    assertThat(StorageFailure.full(full)).contains("No space left on device");
    assertThat(full.getCause())
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("cannot write /a: No space left on device; nothing is lost: make");
  }

  private static String reasonOf(ThrowableAssert.ThrowingCallable action) {
    return reason(catchThrowableOfType(IOException.class, action));
  }

  @Test
  void aFileThatIsNoJsonHasThePlaceInIt() {
    Throwable failure = catchThrowable(() -> new JsonFactory().createParser("?").nextToken());

    assertThat(StorageFailure.reason(failure))
        .startsWith("it is no JSON: ")
        .endsWith(" (line 1, column 1)")
        .doesNotContain("Source");
  }

  @Test
  void anythingElseIsItsFirstLineWithoutRequestIds() {
    assertThat(
            reason(
                new IOException(
                    "listStatus on s3://b: Slow Down (Service: Amazon S3; Status Code: 503; Request"
                        + " ID: 4442; Proxy: null), S3 Extended Request ID: null:503\nmore")))
        .isEqualTo("listStatus on s3://b: Slow Down");
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
