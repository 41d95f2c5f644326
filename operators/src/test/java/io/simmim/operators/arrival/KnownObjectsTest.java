package io.simmim.operators.arrival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownObjectsTest {
  private final KnownObjects known = new KnownObjects();
  private final List<String> keys = new ArrayList<>();
  private long compared;

  private boolean is(long id, String key) {
    compared++;
    return keys.get((int) id).equals(key);
  }

  private void put(String key) {
    keys.add(key);
    known.put(key, keys.size() - 1, id -> is(id, key));
  }

  private long find(String key) {
    return known.find(key, id -> is(id, key));
  }

  @Test
  void findsEveryObjectWhileItGrows() {
    for (int i = 0; i < 20_000; i++) {
      put("s3://photos/%d.jpg".formatted(i));
    }
    compared = 0;
    for (int i = 0; i < 20_000; i++) {
      assertThat(find("s3://photos/%d.jpg".formatted(i))).isEqualTo(i);
      assertThat(find("s3://photos/%d.png".formatted(i))).isEqualTo(-1);
    }

    assertThat(known.size()).isEqualTo(20_000);
    assertThat(known.memoryBytes()).isEqualTo(8 << 16);
    assertThat(compared).isBetween(20_000L, 20_020L);
  }

  @Test
  void keepsTheLastEntryOfAKeyInOnePlace() {
    for (int i = 0; i < 20_000; i++) {
      put(i % 2 == 0 ? "even" : "odd");
    }

    assertThat(find("even")).isEqualTo(19_998);
    assertThat(find("odd")).isEqualTo(19_999);
    assertThat(find("neither")).isEqualTo(-1);
    assertThat(known.size()).isEqualTo(2);
    assertThat(compared).isLessThan(20_010);
  }

  /** Equal for {@link String#hashCode} and for every polynomial modulo a power of two. */
  @Test
  void isNotSlowedDownByNamesMadeForThat() {
    for (int i = 0; i < 1 << 12; i++) {
      StringBuilder name = new StringBuilder();
      for (int bit = 0; bit < 12; bit++) {
        name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      put(name.toString());
    }
    String thue = "a";
    for (int doubled = 0; doubled < 11; doubled++) {
      thue += thue.replace('a', 'x').replace('b', 'a').replace('x', 'b');
    }
    put(thue);
    put(thue.replace('a', 'x').replace('b', 'a').replace('x', 'b'));

    assertThat(known.size()).isEqualTo((1 << 12) + 2);
    assertThat(compared).isLessThan(10);
  }

  @Test
  void refusesMoreThanItsSlotsCanNumber() {
    known.put("a", Integer.MAX_VALUE - 1L, id -> false);

    assertThat(known.find("a", id -> id == Integer.MAX_VALUE - 1L)).isPositive();
    assertThatThrownBy(() -> known.put("b", Integer.MAX_VALUE, id -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a continuous run holds at most 2147483646 images");
  }
}
