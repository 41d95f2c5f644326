package io.simmim.pipeline.watch;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.Path;

/** Where pictures lie in the output of a run, one for each step that has one. */
public final class Pictures {
  private static final Pattern NAME = Pattern.compile("step-([0-9]{1,18})\\.png");

  private Pictures() {}

  /**
   * The picture after a step.
   *
   * @param output folder of the run
   */
  public static Path file(String output, long step) {
    return new Path(
        new Path(new Path(output), "pictures"), String.format(Locale.ROOT, "step-%d.png", step));
  }

  /** The step in the name of a picture; nothing if it is the name of something else. */
  public static OptionalLong step(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }
}
