package io.simmim.schemas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;

/** Puts another class in the place of one of the project's, for processes of their own. */
public final class OtherClass {
  private OtherClass() {}

  /**
   * Compiles a class whose constructors run some statements as soon as an image turns out not to be
   * readable: that of the exception which says so.
   *
   * @param folder where it goes
   * @return the option that makes a JVM take it
   */
  public static String whenUnreadable(Path folder, String statements) throws IOException {
    Path source = folder.resolve("UnreadableImageException.java");
    Files.writeString(
        source,
        """
        package io.simmim.operators.image.codec;
        public final class UnreadableImageException extends java.io.IOException {
          public UnreadableImageException(String reason) {
            super(reason);
            %s
          }
          public UnreadableImageException(String reason, Throwable cause) {
            this(reason);
          }
        }
        """
            .formatted(statements));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), source.toString());
    if (result != 0) {
      throw new AssertionError("javac ended with " + result);
    }
    return "-Xbootclasspath/a:" + folder;
  }
}
