package io.simmim.pipeline.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The jars of a stock Flink installation, taken from the class path of the test: Flink itself, what
 * its {@code flink-dist} bundles, and Log4j. Nothing of ours and none of our libraries is among
 * them, so the job's jar has to bring what it needs.
 */
final class FlinkClassPath {
  /** The flags that a stock {@code config.yaml} gives every JVM ({@code env.java.opts.all}). */
  static final List<String> STOCK_JVM_FLAGS =
      List.of(
          "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.parser=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.tree=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.util=ALL-UNNAMED",
          "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.net=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-opens=java.base/java.text=ALL-UNNAMED",
          "--add-opens=java.base/java.time=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED");

  private static final Pattern STOCK =
      Pattern.compile(
          "(flink-|log4j-|slf4j-api-|kryo-|minlog-|objenesis-|reflectasm-|snappy-java-|lz4-java-"
              + "|commons-(cli|collections|compress|io|lang3|math3|text)-"
              + "|snakeyaml-engine-|javassist-|RoaringBitmap-).*\\.jar");
  private static final Pattern FOR_TESTS =
      Pattern.compile(".*(-tests\\.jar|flink-test-utils-|flink-kubernetes-operator-).*");

  private FlinkClassPath() {}

  /** As the {@code -cp} argument of a JVM. */
  static String asArgument() {
    List<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> isStock(Path.of(entry).getFileName().toString()))
            .toList();
    if (jars.stream().noneMatch(jar -> jar.contains("flink-runtime-"))) {
      throw new IllegalStateException("no Flink on the class path of the test");
    }
    return String.join(File.pathSeparator, jars);
  }

  private static boolean isStock(String jar) {
    return STOCK.matcher(jar).matches() && !FOR_TESTS.matcher(jar).matches();
  }
}
