/** What the accelerator's units are built of: registers that move together, wide products, rounding, division, roots. */
package tilewright.hw.unit.pipeline;
