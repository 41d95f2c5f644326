package io.simmim.operators.catalog;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * Lists local folders with {@code java.nio}: Flink's local file system gives up a whole folder for
 * one name with a colon or one link to nowhere, and does not tell why a folder cannot be read.
 */
final class LocalFolderLister implements FolderLister {
  /** What Java shows for bytes that it cannot decode; such a name cannot be opened again. */
  private static final char UNDECODABLE = '\uFFFD';

  @Override
  public List<Child> children(Path folder) throws IOException {
    List<Child> children = new ArrayList<>();
    try {
      java.nio.file.Path local = java.nio.file.Path.of(folder.getPath());
      refuseLoop(local);
      try (DirectoryStream<java.nio.file.Path> stream = Files.newDirectoryStream(local)) {
        for (java.nio.file.Path child : stream) {
          addTo(children, child);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (AccessDeniedException e) {
      throw new IOException("permission denied", e);
    } catch (NotDirectoryException e) {
      throw new IOException("not a folder", e);
    } catch (InvalidPathException e) {
      throw unnameable(folder.getName());
    }
    return children;
  }

  private static void addTo(List<Child> children, java.nio.file.Path child) throws IOException {
    String name = child.getFileName().toString();
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(child, BasicFileAttributes.class);
    } catch (FileSystemException e) {
      if (!Files.isSymbolicLink(child)) {
        throw e;
      }
      children.add(Child.file(name, 0));
      return;
    }
    if (!attributes.isDirectory() && !attributes.isRegularFile()) {
      return; // A socket, a pipe, a device.
    }
    if (name.indexOf('\\') >= 0) {
      throw new IOException("Flink cannot read names with a backslash: " + name);
    }
    if (name.indexOf(UNDECODABLE) >= 0) {
      throw unnameable(name);
    }
    children.add(
        attributes.isDirectory() ? Child.folder(name) : Child.file(name, attributes.size()));
  }

  private static IOException unnameable(String name) {
    return new IOException(
        "the name %s is not in this JVM's character set %s; LC_ALL=C.UTF-8 may help"
            .formatted(name, System.getProperty("sun.jnu.encoding")));
  }

  private static void refuseLoop(java.nio.file.Path folder) throws IOException {
    if (!Files.isSymbolicLink(folder)) {
      return;
    }
    java.nio.file.Path target = folder.toRealPath();
    for (java.nio.file.Path above = folder.getParent(); above != null; above = above.getParent()) {
      if (above.toRealPath().equals(target)) {
        throw new IOException("the link leads back to " + target);
      }
    }
  }
}
