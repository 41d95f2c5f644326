package io.simmim.schemas;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** Counts what this JVM holds, after a full collection. */
public final class ReachableObjects {
  /** Such as {@code 12: 345 6789 io.simmim.schemas.ImageRef (module)}. */
  private static final Pattern LINE =
      Pattern.compile("^ *\\d+: +(\\d+) +\\d+ +(\\S+)", Pattern.MULTILINE);

  private ReachableObjects() {}

  /** Instances by the name of their class; lambdas of one class count together. */
  public static Map<String, Long> count(Predicate<String> types) throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, Long> objects = new TreeMap<>();
    Matcher line = LINE.matcher(histogram);
    while (line.find()) {
      String type = line.group(2).replaceAll("\\$\\$Lambda.*", "\\$\\$Lambda");
      if (types.test(type)) {
        objects.merge(type, Long.parseLong(line.group(1)), Long::sum);
      }
    }
    return objects;
  }
}
