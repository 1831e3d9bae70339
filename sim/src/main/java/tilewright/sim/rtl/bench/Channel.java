package tilewright.sim.rtl.bench;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Handshake;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.Words;

/** The ports of a stream, or of a channel of a bus, in a design that is being run. */
public final class Channel {
    private final String name;
    private final Handshake.Role role;
    private final Simulation simulation;
    private final int clock;
    private final int valid;
    private final int ready;
    private final Port[] fields;
    private final int[] offsets;
    private final int words;

    Channel(Module top, Handshake stream, Simulation simulation) {
        name = stream.name();
        role = stream.role();
        this.simulation = simulation;
        Net input = role == Handshake.Role.SLAVE ? stream.valid() : stream.ready();
        clock = top.clocks().stream()
                .map(Clock::name)
                .toList()
                .indexOf(top.inputClocks().get(input));
        valid = simulation.port(stream.valid().name());
        ready = simulation.port(stream.ready().name());
        fields = stream.payload().stream()
                .map(net -> simulation.ports().get(simulation.port(net.name())))
                .toArray(Port[]::new);
        offsets = new int[fields.length];
        int sum = 0;
        for (int i = 0; i < fields.length; i++) {
            offsets[i] = sum;
            sum += fields[i].words();
        }
        words = sum;
    }

    /** The stream's name in the design: {@code "input"}, {@code "memory_aw"}. */
    public String name() {
        return name;
    }

    /** Which side the design has. */
    public Handshake.Role role() {
        return role;
    }

    /** The clock it belongs to, by its place in the design; -1 where nothing says. */
    public int clock() {
        return clock;
    }

    /** The ports of the word, in the order of declaration. */
    public List<Port> fields() {
        return List.of(fields);
    }

    /** The length of a word's array. */
    public int words() {
        return words;
    }

    /**
     * Where a field begins in a word's array.
     *
     * @param suffix what the field's port ends with: {@code "awaddr"}, {@code "last"}
     * @return its index, or -1 where there is no such field
     */
    public int offset(String suffix) {
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].name().endsWith(suffix)) {
                return offsets[i];
            }
        }
        return -1;
    }

    /** Whether a word is offered. */
    public boolean isValid() {
        return simulation.get(valid) != 0;
    }

    /** Whether a word would be taken. */
    public boolean isReady() {
        return simulation.get(ready) != 0;
    }

    /** Whether a word passes at the next edge. */
    public boolean fires() {
        return isValid() && isReady();
    }

    /** The word that is shown. */
    public long[] word() {
        long[] word = new long[words];
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].words() == 1) {
                word[offsets[i]] = simulation.get(fields[i].index());
            } else {
                long[] part = new long[fields[i].words()];
                simulation.get(fields[i].index(), part);
                System.arraycopy(part, 0, word, offsets[i], part.length);
            }
        }
        return word;
    }

    void setValid(boolean value) {
        simulation.set(valid, value ? 1 : 0);
    }

    void setReady(boolean value) {
        simulation.set(ready, value ? 1 : 0);
    }

    void setWord(long[] word) {
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].words() == 1) {
                simulation.set(fields[i].index(), word[offsets[i]]);
            } else {
                simulation.set(fields[i].index(), Arrays.copyOfRange(word, offsets[i], offsets[i] + fields[i].words()));
            }
        }
    }

    /** Shows random bits, as may stand where nothing is offered. */
    void setNoise(Random random) {
        for (Port field : fields) {
            if (field.words() == 1) {
                long bits = random.nextLong();
                int spare = 64 - field.width();
                simulation.set(field.index(), field.signed() ? bits >> spare : bits >>> spare);
            } else {
                BigInteger bits = new BigInteger(field.signed() ? field.width() - 1 : field.width(), random);
                simulation.set(field.index(), bits);
            }
        }
    }

    /** A word for messages: {@code "{value=-3, last=1}"}. */
    String text(long[] word) {
        return Arrays.stream(fields)
                .map(field -> {
                    int from = offsets[Arrays.asList(fields).indexOf(field)];
                    long[] part = Arrays.copyOfRange(word, from, from + field.words());
                    return shortName(field) + "=" + Words.number(part, field.signed());
                })
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private String shortName(Port field) {
        String full = field.name();
        String bus = name.substring(0, name.lastIndexOf('_') + 1);
        String prefix = full.startsWith(name + "_") ? name + "_" : full.startsWith(bus) ? bus : "";
        String rest = full.substring(prefix.length());
        return rest.startsWith("payload_") ? rest.substring("payload_".length()) : rest;
    }
}
