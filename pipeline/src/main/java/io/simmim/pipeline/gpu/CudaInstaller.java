package io.simmim.pipeline.gpu;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.Durable;
import io.simmim.trainer.torch.CudaLibraries;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Puts libtorch for CUDA into DJL's cache folder: fetched, checked, unpacked beside its place, and
 * moved there when it is complete. One process at a time; what a killed one left is used (jars) or
 * deleted (unpacked files).
 */
final class CudaInstaller {
  private static final String UNPACKING = "simmim-unpacking";
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final CudaLibraries libraries;
  private final Source source;
  private final PrintWriter out;
  private final boolean terminal;

  /**
   * Where jars come from.
   *
   * @param folder that has them already; else they are fetched
   * @param repository to fetch from; else the one that Maven uses
   */
  record Source(Optional<Path> folder, Optional<String> repository) {}

  CudaInstaller(CudaLibraries libraries, Source source, PrintWriter out, boolean terminal) {
    this.libraries = libraries;
    this.source = source;
    this.out = out;
    this.terminal = terminal;
  }

  /** Makes {@link CudaLibraries#fetched} unless it is there. */
  void installLibtorch(MavenJar libtorch, MavenJar jni) throws IOException, InterruptedException {
    Path target = libraries.fetched();
    if (Files.exists(target)) {
      return; // also where it may only be read
    }
    String folder =
        "pytorch/%s/%s/".formatted(CudaLibraries.FETCHED.flavor(), libtorch.classifier());
    exclusively(
        () -> {
          if (Files.exists(target)) {
            return;
          }
          Path unpacking = libraries.cache().resolve(UNPACKING);
          delete(unpacking);
          Path libtorchJar = jar(libtorch);
          Path jniJar = jar(jni);
          Files.createDirectories(unpacking);
          unpack(libtorchJar, folder, unpacking);
          unpackJni(jniJar, CudaLibraries.FETCHED.flavor(), unpacking.resolve(CudaLibraries.JNI));
          Files.move(unpacking, target, StandardCopyOption.ATOMIC_MOVE);
          if (source.folder().isEmpty()) {
            delete(downloads());
          }
        });
  }

  /** Makes the JNI library for an installed libtorch of the version that would be fetched. */
  void installJni(MavenJar jni, String flavor, Path target)
      throws IOException, InterruptedException {
    exclusively(
        () -> {
          if (!Files.exists(target)) {
            Files.createDirectories(target.getParent());
            Path written = target.resolveSibling(target.getFileName() + ".tmp");
            unpackJni(jar(jni), flavor, written);
            Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
          }
        });
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private FileChannel lockFile() {
    try {
      Files.createDirectories(libraries.cache());
      return FileChannel.open(
          libraries.cache().resolve("simmim-gpu.lock"),
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UserError(
          "cannot write to %s (set DJL_CACHE_DIR to a writable folder): %s"
              .formatted(libraries.cache(), e.getMessage()),
          e);
    }
  }

  private void exclusively(Work work) throws IOException, InterruptedException {
    try (FileChannel channel = lockFile();
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new UserError(
            "another bin/simmim gpu is at work in %s; wait for its end"
                .formatted(libraries.cache()));
      }
      work.run();
    }
  }

  private Path downloads() {
    return libraries.cache().resolve("simmim-downloads");
  }

  private Path jar(MavenJar jar) throws IOException, InterruptedException {
    if (source.folder().isPresent()) {
      Path file = source.folder().get().resolve(jar.fileName());
      if (!Files.isReadable(file)) {
        throw new UserError(
            "%s is missing: mvn -N dependency:copy -Dartifact=%s -DoutputDirectory=%s brings it"
                .formatted(file, jar.coordinates(), source.folder().get()));
      }
      String found = Sha256.hex(file);
      if (!found.equals(jar.sha256())) {
        throw new UserError(
            "%s is not the file that was expected: SHA-256 %s (expected: %s)"
                .formatted(file, found, jar.sha256()));
      }
      return file;
    }
    Path file = downloads().resolve(jar.fileName());
    if (!Files.exists(file)) {
      Files.createDirectories(downloads());
      Path part = file.resolveSibling(jar.fileName() + ".part");
      requireSpace(jar.bytes() - (Files.exists(part) ? Files.size(part) : 0), jar.fileName());
      MavenRepository repository =
          source.repository().isPresent()
              ? MavenRepository.of(source.repository().get())
              : MavenRepository.ofMaven();
      TransferProgress progress = new TransferProgress(out, terminal, jar.artifact(), jar.bytes());
      new RangeDownload(PAUSE)
          .fetch(jar.in(repository), file, jar.bytes(), jar.sha256(), progress::at);
    }
    return file;
  }

  private void requireSpace(long bytes, String what) throws IOException {
    long free = Files.getFileStore(libraries.cache()).getUsableSpace();
    if (free < bytes) {
      throw new UserError(
          "the disk of %s has %.1f GB left; %s needs %.1f (set DJL_CACHE_DIR to a folder elsewhere)"
              .formatted(libraries.cache(), free / 1e9, what, bytes / 1e9));
    }
  }

  private void unpack(Path jar, String folder, Path target) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> entry.getName().startsWith(folder) && !entry.isDirectory())
              .sorted(Comparator.comparingLong(ZipEntry::getSize).reversed())
              .toList();
      long total = entries.stream().mapToLong(ZipEntry::getSize).sum();
      requireSpace(total, "libtorch");
      TransferProgress progress =
          new TransferProgress(out, terminal, "unpacking", Math.max(total, 1));
      AtomicLong done = new AtomicLong();
      entries.parallelStream()
          .forEach(
              entry -> {
                String name = entry.getName().substring(folder.length());
                if (name.contains("/") || name.contains("\\")) {
                  throw new UserError("%s has an unexpected entry: %s".formatted(jar, name));
                }
                try (InputStream in = zip.getInputStream(entry)) {
                  Files.copy(in, target.resolve(name));
                  Durable.force(target.resolve(name));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                synchronized (progress) {
                  progress.at(done.addAndGet(entry.getSize()));
                }
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void unpackJni(Path jar, String flavor, Path target) throws IOException {
    String name = "jnilib/linux-x86_64/%s/%s".formatted(flavor, CudaLibraries.JNI);
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null) {
        throw new UserError("%s has no %s".formatted(jar, name));
      }
      try (InputStream in = zip.getInputStream(entry)) {
        Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        Durable.force(target);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
