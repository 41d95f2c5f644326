package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.ImageNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;

/**
 * Lists local folders with {@code java.nio}: Flink's local file system gives up a whole folder for
 * one name with a colon or one link to nowhere, and does not tell why a folder cannot be read.
 *
 * <p>Names that Flink takes for others (with a backslash), and bytes that are no text to Java, are
 * seen and cannot be read; of these bytes the child's name has {@code \xE9} and the like.
 */
final class LocalFolderLister implements FolderLister {
  private static final String UTF_8 = "UTF-8";

  @Override
  public List<Child> children(Path folder) throws IOException {
    List<Child> children = new ArrayList<>();
    try {
      java.nio.file.Path local = java.nio.file.Path.of(folder.getPath());
      refuseLoop(local);
      try (DirectoryStream<java.nio.file.Path> stream = Files.newDirectoryStream(local)) {
        for (java.nio.file.Path child : stream) {
          child(local, child).ifPresent(children::add);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (AccessDeniedException e) {
      throw new IOException("permission denied", e);
    } catch (NotDirectoryException e) {
      throw new IOException("not a folder", e);
    } catch (InvalidPathException e) {
      throw new IOException(unnameable(), e);
    }
    return children;
  }

  /** Empty for what is no file or folder, and for what was deleted meanwhile. */
  private static Optional<Child> child(java.nio.file.Path folder, java.nio.file.Path path)
      throws IOException {
    String name = path.getFileName().toString();
    String problem = "";
    if (!isText(folder, path)) {
      // A backslash keeps it apart from all names that can be read.
      name = rawName(path).replace("%", "\\x");
      problem = unnameable();
    } else if (name.indexOf('\\') >= 0) {
      problem = "Flink cannot read a name with a backslash: rename it";
    }
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (FileSystemException e) {
      if (Files.isSymbolicLink(path)) {
        return Optional.of(Child.file(name, 0).unreadable(problem));
      }
      if (e instanceof NoSuchFileException) {
        return Optional.empty();
      }
      throw e;
    }
    if (attributes.isDirectory()) {
      boolean wanted = problem.isEmpty() || holdsInput(path);
      return wanted ? Optional.of(Child.folder(name).unreadable(problem)) : Optional.empty();
    }
    // Neither is a socket, a pipe, a device.
    return attributes.isRegularFile()
        ? Optional.of(Child.file(name, attributes.size()).unreadable(problem))
        : Optional.empty();
  }

  /** Whether Java's text of a name leads back to the file: it replaces bytes that are no text. */
  private static boolean isText(java.nio.file.Path folder, java.nio.file.Path path) {
    try {
      return folder.resolve(path.getFileName().toString()).equals(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** The bytes of a name, those that are not plain ASCII as {@code %E9}. */
  private static String rawName(java.nio.file.Path path) {
    String uri = path.toUri().getRawPath();
    String file = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    return file.substring(file.lastIndexOf('/') + 1);
  }

  private static String unnameable() {
    String encoding = System.getProperty("sun.jnu.encoding");
    return encoding.equals(UTF_8)
        ? "its name is not UTF-8: rename it"
        : "its name is not in this JVM's character set %s; LC_ALL=C.UTF-8 may help"
            .formatted(encoding);
  }

  /** Whether images or shards are missed with a folder that cannot be named. */
  private static boolean holdsInput(java.nio.file.Path folder) {
    try (Stream<java.nio.file.Path> files = Files.walk(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> ImageNames.isImage(name) || ImageNames.isShard(name));
    } catch (IOException | UncheckedIOException e) {
      return true; // Nobody can tell.
    }
  }

  private static void refuseLoop(java.nio.file.Path folder) throws IOException {
    if (!Files.isSymbolicLink(folder)) {
      return;
    }
    java.nio.file.Path target = folder.toRealPath();
    for (java.nio.file.Path above = folder.getParent(); above != null; above = above.getParent()) {
      if (above.toRealPath().equals(target)) {
        throw new FileSystemLoopException(folder.toString());
      }
    }
  }
}
