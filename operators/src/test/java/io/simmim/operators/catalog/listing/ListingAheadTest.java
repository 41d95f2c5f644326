package io.simmim.operators.catalog.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.core.fs.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListingAheadTest {
  private static final String ROOT = "s3://bucket/root";

  private final Map<String, List<FolderLister.Child>> tree = new HashMap<>();
  private final AtomicInteger listed = new AtomicInteger();

  @Test
  void walksInTheSameOrderAsWithoutIt() throws IOException {
    grow(ROOT, new Random(3), 4);
    List<String> expected = new ArrayList<>();
    walk(new Path(ROOT), this::fromTree, expected);
    assertThat(expected).hasSizeGreaterThan(300);
    listed.set(0);

    List<String> walked = new ArrayList<>();
    try (ListingAhead ahead = ahead(this::fromTree, 8)) {
      walk(new Path(ROOT), ahead, walked);
    }

    assertThat(walked).isEqualTo(expected);
    assertThat(listed).as("each folder once").hasValue(tree.size());
  }

  /** None of the folders below is listed until as many are as there are threads. */
  @Test
  void listsSeveralFoldersAtOnce() throws IOException {
    addFolders(12);
    CyclicBarrier together = new CyclicBarrier(4);
    FolderLister lister =
        folder -> {
          if (!folder.toString().equals(ROOT)) {
            await(together);
          }
          return fromTree(folder);
        };

    List<String> walked = new ArrayList<>();
    try (ListingAhead ahead = ahead(lister, 4)) {
      walk(new Path(ROOT), ahead, walked);
    }

    assertThat(walked).hasSize(12).isSorted();
  }

  @Test
  void staysWithinItsBoundWhileTheWalkWaits() throws IOException {
    addFolders(100);
    int most = ListingAhead.FOLDERS_PER_THREAD * 2;
    try (ListingAhead ahead = ahead(this::fromTree, 2)) {
      ahead.children(new Path(ROOT));

      Awaitility.await().until(() -> listed.get() == 1 + most);
      ahead.children(new Path(ROOT + "/000"));
      Awaitility.await().until(() -> listed.get() == 2 + most);
    }
    assertThat(listed).hasValue(2 + most);
  }

  @Test
  void beginsNothingMoreOnceManyChildrenAreHeld() throws IOException {
    addFolders(50);
    List<FolderLister.Child> many =
        Collections.nCopies(ListingAhead.MOST_CHILDREN, FolderLister.Child.file("x.jpg", 1));
    tree.put(ROOT + "/001", new ArrayList<>(many));
    try (ListingAhead ahead = ahead(this::fromTree, 1)) {
      ahead.children(new Path(ROOT));
      Awaitility.await().until(() -> listed.get() == 3);
      ahead.children(new Path(ROOT + "/000"));
      assertThat(listed).as("root, 000 and 001").hasValue(3);

      assertThat(ahead.children(new Path(ROOT + "/001"))).hasSize(ListingAhead.MOST_CHILDREN);
      Awaitility.await().until(() -> listed.get() > 3);
    }
  }

  @Test
  void tellsTheFailureThatTheWalkMeetsFirst() throws IOException {
    addFolders(3);
    CountDownLatch laterFailed = new CountDownLatch(1);
    FolderLister lister =
        folder -> {
          switch (folder.getName()) {
            case "001" -> {
              await(laterFailed);
              throw new FileNotFoundException("first");
            }
            case "002" -> {
              laterFailed.countDown();
              throw new IllegalArgumentException("later");
            }
            default -> {
              return fromTree(folder);
            }
          }
        };
    try (ListingAhead ahead = ahead(lister, 3)) {
      ahead.children(new Path(ROOT));
      ahead.children(new Path(ROOT + "/000"));

      assertThatThrownBy(() -> ahead.children(new Path(ROOT + "/001")))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessage("first");
      assertThatThrownBy(() -> ahead.children(new Path(ROOT + "/002")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("later");
    }
  }

  @Test
  void leavesOutExcludedFolders() throws IOException {
    addFolders(3);

    List<String> walked = new ArrayList<>();
    try (ListingAhead ahead =
        new ListingAhead(new Path(ROOT), this::fromTree, (ROOT + "/001/")::equals, 2)) {
      for (String folder : List.of("", "/000", "/002")) {
        ahead.children(new Path(ROOT + folder)).forEach(child -> walked.add(child.name()));
      }
    }

    assertThat(walked).containsExactly("000", "001", "002", "image-000.jpg", "image-002.jpg");
    assertThat(listed).hasValue(3);
  }

  @Test
  void closingInterruptsWhatIsBeingListed() throws Exception {
    CountDownLatch listing = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    FolderLister lister =
        folder -> {
          listing.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          throw new IOException("interrupted");
        };
    ListingAhead ahead = ahead(lister, 2);
    listing.await();

    ahead.close();

    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static ListingAhead ahead(FolderLister lister, int concurrency) {
    return new ListingAhead(new Path(ROOT), lister, prefix -> false, concurrency);
  }

  private List<FolderLister.Child> fromTree(Path folder) throws IOException {
    listed.incrementAndGet();
    return new ArrayList<>(tree.get(folder.toString()));
  }

  private void addFolders(int count) {
    List<FolderLister.Child> folders = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "%03d".formatted(i);
      folders.add(FolderLister.Child.folder(name));
      tree.put(
          ROOT + "/" + name, List.of(FolderLister.Child.file("image-%s.jpg".formatted(name), 1)));
    }
    tree.put(ROOT, folders);
  }

  private void grow(String folder, Random random, int depth) {
    List<FolderLister.Child> children = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      children.add(FolderLister.Child.file("%c%d.jpg".formatted('a' + i, i), i));
      if (depth > 0) {
        String name = String.valueOf((char) ('a' + i)) + (random.nextBoolean() ? "-x" : "");
        children.add(FolderLister.Child.folder(name));
        grow(folder + "/" + name, random, depth - 1);
      }
    }
    Collections.shuffle(children, random);
    tree.put(folder, children);
  }

  private static void walk(Path folder, FolderLister lister, List<String> files)
      throws IOException {
    List<FolderLister.Child> children = lister.children(folder);
    children.sort(FolderLister.Child.ORDER);
    for (FolderLister.Child child : children) {
      String uri = folder + "/" + child.name();
      if (child.folder()) {
        walk(new Path(uri), lister, files);
      } else {
        files.add(uri);
      }
    }
  }

  private static void await(CyclicBarrier barrier) throws IOException {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IOException("alone", e);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
