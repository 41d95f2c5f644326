package io.simmim.pipeline.images;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Packs images into shards as WebDataset does: each with a label beside it. */
public final class TarShards {
  private static final int PER_SHARD = 20;

  private TarShards() {}

  /** Packs the files below one folder into another, in the order of their names. */
  public static void pack(Path images, Path shards) throws IOException {
    List<Path> sorted;
    try (Stream<Path> walk = Files.walk(images)) {
      sorted =
          walk.filter(Files::isRegularFile)
              .sorted(Comparator.comparing(file -> images.relativize(file).toString()))
              .toList();
    }
    for (int first = 0; first < sorted.size(); first += PER_SHARD) {
      pack(
          images,
          sorted.subList(first, Math.min(first + PER_SHARD, sorted.size())),
          shards.resolve("%03d.tar".formatted(first / PER_SHARD)));
    }
  }

  private static void pack(Path folder, List<Path> images, Path shard) throws IOException {
    try (OutputStream out = Files.newOutputStream(shard);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (Path image : images) {
        String name = folder.relativize(image).toString();
        add(tar, name, Files.readAllBytes(image));
        add(tar, name.replaceAll("\\.\\w+$", ".cls"), "7".getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
