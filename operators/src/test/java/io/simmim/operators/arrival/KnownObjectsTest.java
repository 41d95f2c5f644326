package io.simmim.operators.arrival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownObjectsTest {
  private final KnownObjects known = new KnownObjects();

  private List<Long> candidates(String uri) {
    List<Long> ids = new ArrayList<>();
    known.anyMatch(
        uri,
        id -> {
          ids.add(id);
          return false;
        });
    return ids;
  }

  @Test
  void findsEveryObjectWhileItGrows() {
    for (int i = 0; i < 20_000; i++) {
      known.add("s3://photos/%d.jpg".formatted(i), i);
    }
    int others = 0;
    for (int i = 0; i < 20_000; i++) {
      assertThat(candidates("s3://photos/%d.jpg".formatted(i))).contains((long) i);
      others += candidates("s3://photos/%d.png".formatted(i)).size();
    }

    assertThat(others).isLessThan(20);
  }

  @Test
  void asksForObjectsOfTheSameHashToo() {
    known.add("Aa", 3);
    known.add("BB", 0);
    known.add("Aa", 4);

    assertThat(candidates("Aa")).containsExactly(3L, 0L, 4L);
    assertThat(known.anyMatch("BB", id -> id == 0)).isTrue();
    assertThat(known.anyMatch("C", id -> true)).isFalse();
  }

  @Test
  void refusesMoreThanItsSlotsCanNumber() {
    known.add("a", Integer.MAX_VALUE - 1L);

    assertThat(candidates("a")).containsExactly(Integer.MAX_VALUE - 1L);
    assertThatThrownBy(() -> known.add("b", Integer.MAX_VALUE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a continuous run holds at most 2147483646 images");
  }
}
