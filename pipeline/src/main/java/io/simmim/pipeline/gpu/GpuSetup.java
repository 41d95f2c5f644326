package io.simmim.pipeline.gpu;

import io.simmim.schemas.UserError;
import io.simmim.trainer.torch.CudaBuild;
import io.simmim.trainer.torch.CudaLibraries;
import io.simmim.trainer.torch.LibraryChoice;
import io.simmim.trainer.torch.NativePlatform;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchLibrary;
import io.simmim.trainer.torch.TorchRuntime;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes {@code training.device=gpu0} work on this machine, and says what it found. */
public final class GpuSetup {
  /** Set by the launcher where lines may be overwritten. */
  private static final String TERMINAL = "simmim.terminal";

  private final CudaLibraries libraries;
  private final PrintWriter out;

  /**
   * What is wanted.
   *
   * @param library {@code torch/lib} of an installed PyTorch, instead of fetching
   * @param from folder with the jars, instead of fetching
   * @param repository to fetch from, instead of the one that Maven uses
   * @param withoutGpu whether to go on where there is no driver
   */
  public record Wish(
      Optional<Path> library,
      Optional<Path> from,
      Optional<String> repository,
      boolean withoutGpu) {}

  /** A setup of this machine that tells people what it does. */
  public GpuSetup(PrintWriter out) {
    this.libraries = CudaLibraries.ofThisMachine();
    this.out = out;
  }

  /**
   * Looks, fetches, and tries it out.
   *
   * @throws UserError for everything that the user can mend
   */
  public void run(Wish wish) throws IOException, InterruptedException {
    NativePlatform.require();
    requireChoice();
    NvidiaMachine machine = NvidiaMachine.look();
    Optional<TorchLibrary> installed = wish.library().map(TorchLibrary::installed);
    CudaBuild build = installed.flatMap(TorchLibrary::build).orElse(CudaLibraries.FETCHED);
    report(machine, build).forEach(out::println);
    out.flush();
    if (machine.driver().isEmpty() && !wish.withoutGpu()) {
      throw new UserError(missingDriver(machine));
    }
    requireFitting(machine, build);
    CudaInstaller installer =
        new CudaInstaller(
            libraries,
            new CudaInstaller.Source(wish.from(), wish.repository()),
            out,
            Boolean.getBoolean(TERMINAL));
    if (installed.isPresent()) {
      TorchLibrary library = installed.get();
      if (build == CudaLibraries.FETCHED) {
        installer.installJni(
            MavenJar.JNI,
            library.flavor(),
            libraries.jniLibrary(library.version(), library.flavor()));
      }
      libraries.choose(library);
    } else {
      installer.installLibtorch(MavenJar.LIBTORCH, MavenJar.JNI);
      libraries.chooseFetched();
    }
    tryOut(build, installed.map(TorchLibrary::folder).orElse(libraries.fetched()));
  }

  /** What is given by hand would be tried out, and taken by every run, whatever is fetched. */
  static void requireChoice() {
    LibraryChoice.byHand()
        .ifPresent(
            folder -> {
              throw new UserError(
                  ("PYTORCH_LIBRARY_PATH names the libtorch that all runs here take, whatever this"
                          + " command finds: unset it, or leave it at that: %s")
                      .formatted(folder));
            });
  }

  private void tryOut(CudaBuild build, Path folder) {
    TorchRuntime.start("gpu0");
    int gpus = TorchDevice.gpus();
    out.println("libraries  %s in %s".formatted(build.text(), folder));
    if (gpus == 0) {
      out.println("gpus       none that libtorch finds; the libraries load");
      return;
    }
    TorchDevice.tryOut("gpu0");
    out.println("gpus       %d that libtorch finds; gpu0 computes".formatted(gpus));
    out.println("use it by  --set training.device=gpu0 --set training.precision=bf16");
  }

  /** What was found, a line each. */
  static List<String> report(NvidiaMachine machine, CudaBuild build) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "driver     "
            + machine
                .driver()
                .map(
                    version ->
                        version + build.cautionOfDriver(version).map(" (%s)"::formatted).orElse(""))
                .orElse("none"));
    for (int i = 0; i < machine.cards().size(); i++) {
      NvidiaMachine.Card card = machine.cards().get(i);
      lines.add(
          "gpu%-7d %s%s%s"
              .formatted(
                  i,
                  card.name(),
                  card.capability().isEmpty() ? "" : ", compute capability " + card.capability(),
                  card.memoryMib() < 0 ? "" : ", %d MiB".formatted(card.memoryMib())));
    }
    return lines;
  }

  private static String missingDriver(NvidiaMachine machine) {
    return machine.trouble().isEmpty()
        ? "no NVIDIA driver here: neither nvidia-smi nor /proc/driver/nvidia is there (--without-gpu fetches all the same, for another machine)"
        : "the NVIDIA driver does not answer: nvidia-smi says: " + machine.trouble();
  }

  /**
   * Refuses a driver or cards that are too old or too new.
   *
   * @throws UserError that names the first one; cards are refused only if none fits
   */
  static void requireFitting(NvidiaMachine machine, CudaBuild build) {
    machine
        .driver()
        .flatMap(build::refusalOfDriver)
        .ifPresent(
            line -> {
              throw new UserError(line);
            });
    List<Optional<String>> refusals =
        machine.cards().stream()
            .map(card -> build.refusalOfCard(card.name(), card.capability()))
            .toList();
    if (!refusals.isEmpty() && refusals.stream().allMatch(Optional::isPresent)) {
      throw new UserError(refusals.get(0).get());
    }
  }
}
