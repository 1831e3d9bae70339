package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Areas of memory and who gives way, against a plain simulation and published hit rates. */
class SlotArenaTest {
    private static final long PAGE = SlotArena.PAGE;

    /** Something that takes memory. */
    private static final class Guest implements SlotArena.Occupant {
        private SlotArena.Area area;
        private long worth;
        private boolean pinned;

        @Override
        public boolean evictable() {
            return !pinned;
        }

        @Override
        public double worth() {
            return worth;
        }

        @Override
        public void evicted() {
            area = null;
        }
    }

    private record Access(boolean decoding, String expert) {}

    private static List<Access> trace() throws IOException {
        String shared = System.getProperty("tilewright.shared");
        Path golden = shared != null ? Path.of(shared, "golden") : null;
        for (Path at = Path.of("").toAbsolutePath(); golden == null && at.getParent() != null; at = at.getParent()) {
            Path candidate = at.resolveSibling("shared").resolve("golden");
            golden = Files.isDirectory(candidate) ? candidate : null;
        }
        Assumptions.assumeTrue(golden != null, "shared/golden is not beside this checkout");
        Path file = golden.resolve("traces").resolve("qwen3-30b-a3b.route.csv");
        Assumptions.assumeTrue(Files.exists(file), "the trace is not there");
        List<Access> accesses = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.startsWith("#") && !line.startsWith("turn")) {
                String[] fields = line.split(",");
                accesses.add(new Access(fields[1].equals("1"), fields[3] + "." + fields[5]));
            }
        }
        return accesses;
    }

    /** Percent of the accesses while decoding, the prompt's coming first, that find their expert. */
    private static double simulated(List<Access> trace, int capacity) {
        LinkedHashMap<String, Boolean> cache = new LinkedHashMap<>(16, 0.75f, true);
        int hits = 0;
        int all = 0;
        for (Access access : trace) {
            boolean hit = cache.put(access.expert(), true) != null;
            if (cache.size() > capacity) {
                cache.remove(cache.keySet().iterator().next());
            }
            all += access.decoding() ? 1 : 0;
            hits += access.decoding() && hit ? 1 : 0;
        }
        return 100.0 * hits / all;
    }

    @ParameterizedTest
    @CsvSource({"0.05, 37.7", "0.15, 65.4", "0.25, 82.7", "0.50, 96.3"})
    void theLongestUnusedGoesFirstWithThePublishedHitRates(double part, double published) throws IOException {
        List<Access> trace = trace();
        int capacity = (int) (part * 48 * 128);
        SlotArena arena = new SlotArena(capacity * PAGE, null);
        Map<String, Guest> guests = new HashMap<>();
        long clock = 0;
        int hits = 0;
        int all = 0;
        for (Access access : trace) {
            Guest guest = guests.computeIfAbsent(access.expert(), _ -> new Guest());
            boolean hit = guest.area != null;
            guest.worth = ++clock;
            if (!hit) {
                guest.area = arena.allocate(guest, PAGE, true, Double.MAX_VALUE);
                assertNotNull(guest.area);
            }
            all += access.decoding() ? 1 : 0;
            hits += access.decoding() && hit ? 1 : 0;
        }
        double rate = 100.0 * hits / all;
        assertEquals(simulated(trace, capacity), rate, 1e-9);
        assertEquals(published, rate, 0.1);
    }

    @Test
    void areasOfAnySizeNeverOverlapAndAllMemoryIsFoundAgain() {
        long seed = 17;
        Random random = new Random(seed);
        SlotArena arena = new SlotArena(64 * PAGE, null);
        List<Guest> live = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(3) == 0 && !live.isEmpty()) {
                Guest gone = live.remove(random.nextInt(live.size()));
                arena.vacate(gone.area);
                gone.area = null;
            } else {
                Guest guest = new Guest();
                guest.worth = i;
                guest.pinned = random.nextInt(20) == 0;
                guest.area =
                        arena.allocate(guest, (1 + random.nextInt(9)) * PAGE, random.nextBoolean(), Double.MAX_VALUE);
                if (guest.area != null) {
                    live.add(guest);
                }
                live.removeIf(each -> each.area == null);
            }
            if (random.nextInt(50) == 0) {
                live.forEach(each -> each.pinned = false);
            }
            assertEquals(live.stream().mapToLong(each -> each.area.bytes()).sum(), arena.occupied(), "seed " + seed);
        }
        live.forEach(each -> arena.vacate(each.area));
        Guest whole = new Guest();
        assertNotNull(arena.allocate(whole, 64 * PAGE, false, 0));
    }

    @Test
    void whatIsInUseStays() {
        SlotArena arena = new SlotArena(2 * PAGE, null);
        Guest pinned = new Guest();
        pinned.pinned = true;
        pinned.area = arena.allocate(pinned, PAGE, true, Double.MAX_VALUE);
        Guest other = new Guest();
        other.area = arena.allocate(other, PAGE, true, Double.MAX_VALUE);
        assertNull(arena.allocate(new Guest(), 2 * PAGE, true, Double.MAX_VALUE));
        assertNotNull(arena.allocate(new Guest(), PAGE, true, Double.MAX_VALUE));
        assertTrue(pinned.area != null);
        assertNull(other.area);
    }

    @Test
    void neighboursThatAreWorthLeastTogetherMakeRoomForSomethingLarger() {
        SlotArena arena = new SlotArena(4 * PAGE, null);
        List<Guest> guests = new ArrayList<>();
        for (int worth : new int[] {1, 9, 2, 3}) {
            Guest guest = new Guest();
            guest.worth = worth;
            guest.area = arena.allocate(guest, PAGE, false, 0);
            guests.add(guest);
        }
        assertNotNull(arena.allocate(new Guest(), 2 * PAGE, true, Double.MAX_VALUE));
        assertTrue(guests.get(0).area != null && guests.get(1).area != null);
        assertFalse(guests.get(2).area != null || guests.get(3).area != null);
    }
}
