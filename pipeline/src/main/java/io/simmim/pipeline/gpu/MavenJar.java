package io.simmim.pipeline.gpu;

import java.net.URI;

/**
 * A jar on Maven Central that is not on the class path.
 *
 * @param artifact of the group {@code ai.djl.pytorch}
 * @param classifier empty if there is none
 * @param bytes length
 * @param sha256 in hexadecimal digits
 */
record MavenJar(String artifact, String version, String classifier, long bytes, String sha256) {
  private static final String GROUP = "ai.djl.pytorch";

  /** All of libtorch 2.5.1 for CUDA 12.4, cuDNN and cuBLAS included. */
  static final MavenJar LIBTORCH =
      new MavenJar(
          "pytorch-native-cu124",
          "2.5.1",
          "linux-x86_64",
          2_457_619_283L,
          "da69ff27b16765818d859736ce60e8e0e3405f339eb1645685bbb74e8ad1fa9f");

  /** DJL's JNI libraries for libtorch 2.5.1, the newest of that version. */
  static final MavenJar JNI =
      new MavenJar(
          "pytorch-jni",
          "2.5.1-0.33.0",
          "",
          4_935_950L,
          "b2d165380eed06aa5967a3226eeaa5b4adde44ec4a8460e6c4062e7cf810d798");

  /** As Maven names the file. */
  String fileName() {
    return artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
  }

  /** As {@code mvn dependency:copy -Dartifact=} takes it. */
  String coordinates() {
    return GROUP
        + ":"
        + artifact
        + ":"
        + version
        + (classifier.isEmpty() ? "" : ":jar:" + classifier);
  }

  /** Where a repository has it. */
  URI in(MavenRepository repository) {
    return repository
        .root()
        .resolve(GROUP.replace('.', '/') + "/" + artifact + "/" + version + "/" + fileName());
  }
}
