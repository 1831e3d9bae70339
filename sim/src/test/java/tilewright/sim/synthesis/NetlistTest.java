package tilewright.sim.synthesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.sim.SimulationException;

/** Netlists made by hand, a wire a number, as {@code write_json} of Yosys writes them. */
class NetlistTest {
    private final List<String> cells = new ArrayList<>();

    /** A cell whose pins are given as {@code "<D:2 >Q:3,4"}: inputs after {@code <}, outputs after {@code >}. */
    private NetlistTest with(String type, String pins) {
        List<String> directions = new ArrayList<>();
        List<String> connections = new ArrayList<>();
        for (String pin : pins.split(" ")) {
            String name = pin.substring(1, pin.indexOf(':'));
            directions.add("\"%s\": \"%s\"".formatted(name, pin.startsWith(">") ? "output" : "input"));
            connections.add("\"%s\": [%s]".formatted(name, pin.substring(pin.indexOf(':') + 1)));
        }
        cells.add("\"cell%d\": {\"type\": \"%s\", \"port_directions\": {%s}, \"connections\": {%s}}"
                .formatted(cells.size(), type, String.join(", ", directions), String.join(", ", connections)));
        return this;
    }

    private Resources resources() {
        return resources("""
                {"modules": {
                  "LUT4": {"attributes": {"blackbox": "1"}, "cells": {}},
                  "Tiny": {"attributes": {"top": "1"}, "cells": {%s}, "netnames": {
                    "count": {"hide_name": 0, "bits": [20, 21]},
                    "$abc$1": {"hide_name": 1, "bits": [22]},
                    "total_SB_DFF_Q_D": {"hide_name": 0, "bits": [23]}
                  }}
                }}
                """.formatted(String.join(", ", cells)));
    }

    private static Resources resources(String json) {
        try {
            return new Netlist(new ObjectMapper().readTree(json)).resources();
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    /** Sizes of the cells: UG574 for AMD, FPGA-TN-02204 for ECP5, FPGA-TN-02026 and FPGA-TN-02002 for iCE40. */
    @ParameterizedTest
    @CsvSource({
        "LUT6, 1, 0, 0, 0, 0",
        "INV, 1, 0, 0, 0, 0",
        "SB_LUT4, 1, 0, 0, 0, 0",
        "CCU2C, 2, 0, 0, 0, 0",
        "CARRY8, 0, 0, 0, 0, 0",
        "MUXF7, 0, 0, 0, 0, 0",
        "SRL16E, 1, 1, 0, 0, 0",
        "RAM32M, 4, 4, 0, 0, 0",
        "RAM32M16, 8, 8, 0, 0, 0",
        "TRELLIS_DPR16X4, 4, 4, 0, 0, 0",
        "FDRE, 0, 0, 1, 0, 0",
        "TRELLIS_FF, 0, 0, 1, 0, 0",
        "SB_DFFESR, 0, 0, 1, 0, 0",
        "DSP48E2, 0, 0, 0, 1, 0",
        "MULT18X18D, 0, 0, 0, 1, 0",
        "SB_MAC16, 0, 0, 0, 1, 0",
        "RAMB36E2, 0, 0, 0, 0, 1",
        "DP16KD, 0, 0, 0, 0, 1",
        "SB_RAM40_4K, 0, 0, 0, 0, 1",
        "BUFG, 0, 0, 0, 0, 0"
    })
    void aCellCountsAsWhatItTakesOfItsDevice(String type, int tables, int memory, int flipFlops, int dsp, int blocks) {
        Resources r = with(type, ">O:2").with(type, ">O:3").resources();
        assertEquals(new Resources(2 * tables, 2 * memory, 2 * flipFlops, 2 * dsp, 2 * blocks, 0, ""), r);
    }

    @Test
    void levelsAreTheTablesOnTheLongestWayBetweenRegisters() {
        Resources r = with("FDRE", "<D:9 >Q:20")
                .with("LUT2", "<I0:20 <I1:30 >O:3")
                .with("LUT3", "<I0:20 <I1:3 <I2:31 >O:4")
                .with("LUT1", "<I0:4 >O:9")
                .with("LUT1", "<I0:32 >O:33")
                .resources();
        assertEquals(3, r.levels());
        assertEquals("count -> count", r.path());
    }

    @Test
    void aPathEndsAtMultipliersAndMemories() {
        Resources r = with("LUT1", "<I0:20 >O:3")
                .with("DSP48E1", "<A:3 >P:4")
                .with("LUT1", "<I0:4 >O:5")
                .with("RAMB18E1", "<ADDRARDADDR:5 >DO:23")
                .with("LUT1", "<I0:23 >O:22")
                .resources();
        assertEquals(1, r.levels());
    }

    @Test
    void carryAndDedicatedMultiplexersAreFree() {
        Resources r = with("LUT2", "<I0:20 <I1:21 >O:2")
                .with("CARRY4", "<S:2 <CI:\"0\" >CO:3 >O:4")
                .with("CARRY4", "<S:2 <CI:3 >CO:5 >O:6")
                .with("MUXF7", "<I0:6 <I1:4 <S:20 >O:7")
                .with("LUT1", "<I0:7 >O:8")
                .resources();
        assertEquals(2, r.levels());
    }

    @Test
    void aChainOfTablesWithCarryIsOneLevel() {
        Resources r = with("CCU2C", "<A0:20 <CIN:\"0\" >COUT:2 >S0:3")
                .with("CCU2C", "<A0:21 <CIN:2 >COUT:4 >S0:5")
                .with("CCU2C", "<A0:30 <CIN:4 >S0:6")
                .resources();
        assertEquals(1, r.levels());
        assertEquals(6, r.lookupTables());
    }

    @Test
    void whatIsReadFromAMemoryOfTablesFollowsItsAddressAndNotWhatIsWritten() {
        Resources r = with("LUT1", "<I0:20 >O:2")
                .with("RAM32X1D", "<A0:2 <DPRA0:21 <D:3 <WE:4 >DPO:5")
                .with("LUT1", "<I0:2 >O:3")
                .with("LUT1", "<I0:3 >O:4")
                .resources();
        assertEquals(3, r.levels());
    }

    @Test
    void aPathBeginsAtAShiftRegister() {
        assertEquals(
                1,
                with("LUT1", "<I0:20 >O:2")
                        .with("SRL16E", "<D:2 <A0:\"1\" >Q:3")
                        .with("LUT1", "<I0:3 >O:4")
                        .resources()
                        .levels());
    }

    @Test
    void aPathIsNamedAfterTheDesignNotAfterWhatSynthesisMakes() {
        Resources r =
                with("SB_LUT4", "<I0:20 >O:23").with("SB_DFF", "<D:23 >Q:40").resources();
        assertEquals("count -> total", r.path());
        assertEquals(
                "count -> wire 40",
                new NetlistTest()
                        .with("SB_LUT4", "<I0:21 >O:22")
                        .with("SB_DFF", "<D:22 >Q:40")
                        .resources()
                        .path());
    }

    @Test
    void aCellOfNoKnownFamilyIsRefusedByName() {
        SimulationException e = assertThrows(
                SimulationException.class, () -> with("NX_LUT", "<I0:2 >O:3").resources());
        assertEquals(
                "the netlist's cell 'cell0' is a NX_LUT, which is no cell of a known family; flatten the design and map"
                        + " it, or add the cell to tilewright.sim.synthesis.Target",
                e.getMessage());
    }

    @Test
    void aLoopIsRefused() {
        with("LUT1", "<I0:2 >O:3").with("LUT2", "<I0:3 <I1:20 >O:2").with("LUT1", "<I0:20 >O:4");
        assertEquals(
                "the netlist's logic has a loop of 2 cells or fewer; a latch or a combinational loop has no longest path",
                assertThrows(SimulationException.class, this::resources).getMessage());
    }

    @Test
    void aNetlistWithoutATopIsRefused() {
        assertEquals(
                "the netlist has no module with the attribute 'top'; was it synthesised with -top and written by"
                        + " write_json?",
                assertThrows(SimulationException.class, () -> resources("{\"modules\": {\"A\": {}}}"))
                        .getMessage());
    }
}
