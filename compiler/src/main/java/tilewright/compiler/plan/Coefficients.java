package tilewright.compiler.plan;

/**
 * Every coefficient of the cost model, with where it comes from and how sure it is.
 *
 * <p>Three kinds: <em>measured</em> (open synthesis of the same block; where nothing else is said, of the hardware library's
 * component on xcup, in docs/synthesis.md, which also has estimates beside what was measured), <em>derived</em> (arithmetic
 * on a data sheet's figures), <em>assumed</em> (usual size of such a block; no report of the vendor's tool was at hand). DSP
 * and memory counts are derived and should hold to some percent; LUT and FF counts that rest on assumed figures may be off
 * by half.
 */
final class Coefficients {
    private Coefficients() {}

    // Cycles

    /** Share of the peak rate of DRAM that long bursts reach. Assumed: published measurements lie at 0.7 to 0.9. */
    static final double DRAM_EFFICIENCY = 0.8;

    /** Cycles to the first word of a burst at 300 MHz. Assumed: 150 to 300 ns are usual for a port of a Zynq. */
    static final int DRAM_LATENCY_CYCLES = 64;

    /** Registers between the first input and the first result of a unit's pipeline. Assumed; adds once per job. */
    static final int PIPELINE_DEPTH_CYCLES = 32;

    /** Fetch, decode and start of one instruction. Assumed. */
    static final int STEP_OVERHEAD_CYCLES = 32;

    /** Square root (31 steps), division (62 steps) and shifts of one LayerNorm row, from sum to inverse root. Derived. */
    static final int NORM_INVERSE_CYCLES = 100;

    /** Rows that the LayerNorm unit's streams hold while one waits for its inverse root. Required of the emitted C++. */
    static final int NORM_ROWS_IN_FLIGHT = 8;

    /** Reciprocal of a softmax sum: a division of 48 bits, one bit per cycle. Derived. */
    static final int RECIPROCAL_CYCLES = 48;

    // Widths

    /** Bytes of a parameter word: bias, multiplier and shift of a channel, or gamma and beta of a feature. Exact. */
    static final int PARAMETER_WORD_BYTES = 16;

    /** Bits of a channel's multiplier, shift and flag as held on chip beside its bias. Exact. */
    static final int CHANNEL_FACTOR_BITS = 31 + 7 + 1;

    /** Router weights of 16 bits in one parameter word. Exact. */
    static final int ROUTER_WEIGHTS_PER_WORD = 8;

    /** Widest AXI data bus. Exact (AMBA AXI4). */
    static final int AXI_MAX_BITS = 1024;

    /** Words that an AXI adapter buffers per direction: bursts in flight times their length, as emitted (UG1399, m_axi). Derived. */
    static final int AXI_BUFFER_WORDS = 16 * 64;

    /** Bits of a queued row's target: its number and its probability. Exact. */
    static final int TARGET_BITS = 32 + 24;

    /** Banks of a group's scores: written, read, and one between them. Exact. */
    static final int SCORE_BANKS = 3;

    /** Deepest memory that is built of LUTs unless the plan says otherwise. Derived: one 6-input LUT holds 64 bits. */
    static final int LUTRAM_DEPTH = 64;

    // LUT and FF

    /**
     * LUTs per int8 multiply-accumulate beside its DSP: adder tree and accumulator. Measured: Yosys, xcup, 16x16 tile:
     * 5 583 LUT for 256; systolic, the tree of the emitted unit has as many adders.
     */
    static final double LUT_PER_MAC_8 = 5583 / 256.0;

    /** Flip-flops per int8 multiply-accumulate. Measured as {@link #LUT_PER_MAC_8}: 9 646 FF for 256. */
    static final double FF_PER_MAC_8 = 9646 / 256.0;

    /** LUTs and FFs of an int16 over those of an int8 multiply-accumulate. Derived: adders of 33 to 48 bits, not 17 to 32. */
    static final double MAC_16_OVER_8 = 1.7;

    /** LUTs of a requantiser beside its DSPs. Measured: 32 to 8 bits. */
    static final double REQUANTISER_LUT_8 = 453;

    /** LUTs of a requantiser of 48-bit accumulators. Measured: 48 to 16 bits. */
    static final double REQUANTISER_LUT_16 = 580;

    /** Flip-flops of a requantiser over its LUTs. Measured: 393 over 453, and 505 over 580. */
    static final double REQUANTISER_FF_PER_LUT = 0.87;

    /** LUTs of a streaming softmax per query, its division bit by bit included. Measured: rows to 1 024. */
    static final double SOFTMAX_LUT = 1667;

    /** Flip-flops of a streaming softmax per query. Measured as {@link #SOFTMAX_LUT}. */
    static final double SOFTMAX_FF = 1092;

    /** LUTs of a pipelined divider of 48 by 24 bits: a subtractor per bit of the quotient. Derived. */
    static final double RECIPROCAL_LUT = 48 * 25;

    /** LUTs of the pipelined root (31 steps of 62 bits) and the dividers of inverse (62 by 31) and mean (50 by 32). Derived. */
    static final double NORM_INVERSE_LUT = 31 * 62 + 62 * 32 + 50 * 33;

    /** LUTs of an int8 activation per lane beside its table. Measured. */
    static final double TABLE_LUT_PER_LANE = 13;

    /** LUTs of an interpolated activation per lane. Measured: 587 of the int16 activation, 453 of them its requantiser. */
    static final double INTERPOLATION_LUT_PER_LANE = 134;

    /** LUTs of LayerNorm per lane. Measured: 4 243 with 4 lanes, 1 816 with one. */
    static final double NORM_LUT_PER_LANE = 809;

    /** LUTs of the scatter-add per lane: product rounding, sum and saturation of 16 or 24 bits. Assumed. */
    static final double COMBINE_LUT_PER_LANE = 120;

    /** LUTs of top-k per place, the comparison of 40 bits and the insertion. Measured: 580 for 8 places. */
    static final double TOP_K_LUT_PER_PLACE = 72.5;

    /** LUTs of one AXI master adapter. Assumed: 600 and 2 per data bit. */
    static final double AXI_LUT = 600;

    /** LUTs of an AXI adapter per data bit, width conversion to the port included. Assumed. */
    static final double AXI_LUT_PER_BIT = 2;

    /** Flip-flops of an AXI adapter per data bit. Assumed. */
    static final double AXI_FF_PER_BIT = 4;

    /** LUTs of loop control, addresses and dispatch of all units. Assumed. */
    static final double CONTROL_LUT = 8000;

    /** Flip-flops over LUTs in control and vector logic. Assumed. */
    static final double FF_PER_LUT = 1.2;

    /** 4-input over 6-input LUTs. Measured: the mean of ECP5 and iCE40 over seven components; published 1.4 to 1.8. */
    static final double FOUR_INPUT_LUTS = 1.46;

    // Energy

    /** Joules of an int8 multiply-accumulate in a DSP with its operands' wires, 16 nm. Assumed: 3 to 8 pJ. */
    static final double JOULES_PER_MAC_8 = 5e-12;

    /** Energy of an int16 over that of an int8 multiply-accumulate. Assumed. */
    static final double MAC_ENERGY_16_OVER_8 = 2;

    /** Joules per byte of DDR3, DDR4, DDR5 and SDRAM, controller and pins included. Derived: 15 to 20 pJ per bit. */
    static final double JOULES_PER_BYTE_DDR = 140e-12;

    /** Joules per byte of LPDDR. Derived: 6 to 8 pJ per bit. */
    static final double JOULES_PER_BYTE_LPDDR = 56e-12;

    /** Joules per byte of HBM. Derived: 4 to 7 pJ per bit. */
    static final double JOULES_PER_BYTE_HBM = 44e-12;

    /** Watts of leakage per LUT of the device. Assumed: 0.7 W for the 274 080 LUTs of a ZU9EG. */
    static final double STATIC_WATTS_PER_LUT = 2.5e-6;

    /** Watts per used LUT or FF and MHz: clock tree and toggling at an eighth of the clock. Assumed. */
    static final double WATTS_PER_CELL_MHZ = 1e-8;

    /** Watts of the processor system and memory controller beside the fabric on a board with hard AXI ports. Assumed. */
    static final double PROCESSOR_WATTS = 2.5;
}
