package io.simmim.pipeline.launcher;

/**
 * Scripts in the place of what {@code bin/simmim} calls; they note in {@code $NOTES} that they
 * were.
 */
final class LauncherTools {
  /**
   * Notes each argument on a line, and makes the archive that it is asked for, after which {@code
   * $STOP} stops whoever asked. Versions 24 to 26 know the option for old classes of memory.
   */
  static final String JAVA =
      """
      #!/bin/sh
      version=${JAVA_VERSION:-17}
      case "$version $*" in
        2[456]*) ;;
        *unsafe*) echo 'Unrecognized option' >&2; exit 1 ;;
      esac
      for argument; do last=$argument; done
      if [ "$last" = -version ]; then
        if [ -f "$NOTES/no-java" ]; then
          echo 'Error occurred during initialization of VM'
          echo 'Could not reserve enough space'
          exit 1
        fi >&2
        echo "openjdk version \\"$version.0.1\\"" >&2
        exit
      fi
      wc -c <"$JAR" >>"$NOTES/jars"
      env | grep '^LC_' | sort >"$NOTES/locale"
      env | grep '^DJL_' >"$NOTES/djl"
      for argument; do
        echo "$argument"
        case $argument in
          -XX:ArchiveClassesAtExit=*)
            echo classes >"${argument#*=}"
            [ -z "$STOP" ] || kill -TERM "$PPID" ;;
        esac
      done >>"$NOTES/java"
      """;

  /**
   * A build whose jar is whole in the end, unless it is cut off before; notes its last argument.
   */
  static final String MAVEN =
      """
      #!/bin/sh
      for argument; do
        last=$argument
      done
      echo "$last" >>"$NOTES/mvn"
      mkdir -p pipeline/target/flink pipeline/target/plugins
      printf %1000d 1 >pipeline/target/simmim-pipeline.jar
      if [ -f "$NOTES/cut-off" ]; then
        exit 1
      fi
      sleep 0.5
      mv pipeline/target/simmim-pipeline.jar pipeline/target/original-simmim-pipeline.jar
      printf %9000d 1 >pipeline/target/simmim-pipeline.jar
      """;

  private LauncherTools() {}
}
