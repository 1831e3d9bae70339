package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNameTest {
    @Test
    void theNameWithTheFewestEditsIsFound() {
        List<String> boards = List.of("zcu102", "zcu104", "kv260");
        assertEquals(Optional.of("zcu104"), NearestName.of("zcu114", boards));
        assertEquals(Optional.of("kv260"), NearestName.of("kv26", boards));
        assertEquals("; did you mean 'zcu102'?", NearestName.hint("zu102", boards));
    }

    @Test
    void nothingIsSuggestedWhereNothingIsSimilar() {
        assertEquals(Optional.empty(), NearestName.of("icebreaker", List.of("zcu102")));
        assertEquals(Optional.empty(), NearestName.of("x", List.of()));
        assertEquals("", NearestName.hint("a".repeat(10_000), List.of("a".repeat(9_999))));
    }
}
