package io.simmim.trainer.torch;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The builds of libtorch for CUDA that DJL's JNI library exists for, oldest first.
 *
 * <p>Drivers: NVIDIA's CUDA compatibility guide (a driver of the same major release of CUDA will
 * do, 525 and newer for all of 12) and the release notes of CUDA (the driver that a release came
 * with). Cards: of 12.4 what the kernels in {@code libtorch_cuda.so} and {@code libcublas.so} are
 * compiled for; nothing is known here of installed ones of 12.8, which say it themselves when they
 * compute.
 */
public enum CudaBuild {
  /** On Maven Central as a whole, with cuDNN and cuBLAS. */
  CUDA_12_4("2.5.1", "12.4", "550.54.14", "5.0", "9.0"),
  /** Not on Maven Central; its JNI library is in the jar of this project. */
  CUDA_12_8("2.7.1", "12.8", "570.26", "", "");

  /** Below this no application of CUDA 12 starts. */
  private static final String OLDEST_DRIVER = "525.60.13";

  private final String libtorch;
  private final String cuda;
  private final String ownDriver;
  private final String oldestCard;
  private final String newestCard;

  CudaBuild(String libtorch, String cuda, String ownDriver, String oldestCard, String newestCard) {
    this.libtorch = libtorch;
    this.cuda = cuda;
    this.ownDriver = ownDriver;
    this.oldestCard = oldestCard;
    this.newestCard = newestCard;
  }

  /** Version of libtorch, such as {@code 2.5.1}. */
  public String libtorch() {
    return libtorch;
  }

  /** As DJL and PyTorch name the version of CUDA, such as {@code cu124}. */
  public String flavor() {
    return "cu" + cuda.replace(".", "");
  }

  /** For people. */
  public String text() {
    return "libtorch %s for CUDA %s".formatted(libtorch, cuda);
  }

  /** The one of this version and flavor. */
  static Optional<CudaBuild> of(String libtorch, String flavor) {
    return Arrays.stream(values())
        .filter(build -> build.libtorch.equals(libtorch) && build.flavor().equals(flavor))
        .findFirst();
  }

  /** All of them, for people. */
  static String fitting() {
    return Arrays.stream(values())
        .map(build -> build.libtorch + "+" + build.flavor())
        .collect(Collectors.joining(" or "));
  }

  /** Why no card computes under a driver with it; empty if that is not the driver's fault. */
  public Optional<String> refusalOfDriver(String driver) {
    return compare(driver, OLDEST_DRIVER) < 0
        ? Optional.of(
            "the NVIDIA driver is too old for %s: %s (needed: %s, better %s or newer)"
                .formatted(text(), driver, OLDEST_DRIVER, ownDriver))
        : Optional.empty();
  }

  /** What is to be said of a driver that will do, but is older than this version of CUDA. */
  public Optional<String> cautionOfDriver(String driver) {
    return compare(driver, ownDriver) < 0
        ? Optional.of(
            "older than CUDA %s, which came with %s: works by CUDA's compatibility within a major release"
                .formatted(cuda, ownDriver))
        : Optional.empty();
  }

  /**
   * Why a card cannot compute with it; empty if it can, or if that is not known.
   *
   * @param capability compute capability such as {@code 9.0}; empty if not known
   */
  public Optional<String> refusalOfCard(String name, String capability) {
    if (capability.isEmpty() || oldestCard.isEmpty()) {
      return Optional.empty();
    }
    boolean old = compare(capability, oldestCard) < 0;
    if (!old && compare(capability, newestCard) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "%s is too %s for %s: its compute capability is %s (allowed: %s to %s)%s"
            .formatted(
                name,
                old ? "old" : "new",
                text(),
                capability,
                oldestCard,
                newestCard,
                old ? "" : "; give an installed PyTorch " + newer() + " by --library"));
  }

  private static String newer() {
    return CUDA_12_8.libtorch + "+" + CUDA_12_8.flavor();
  }

  /** Compares versions number by number; what is missing at the end is 0. */
  private static int compare(String left, String right) {
    String[] lefts = left.split("\\.", -1);
    String[] rights = right.split("\\.", -1);
    for (int i = 0; i < Math.max(lefts.length, rights.length); i++) {
      int order = Integer.compare(number(lefts, i), number(rights, i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int number(String[] parts, int index) {
    String digits = index < parts.length ? parts[index].replaceAll("[^0-9].*", "") : "";
    return digits.isEmpty() || digits.length() > 9 ? 0 : Integer.parseInt(digits);
  }
}
