package tilewright.hw.lang.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;

class SystemVerilogTest {
    static final class Counter extends Component {
        final Bool enable = in(bool());
        final UInt count = out(uint(8));
        private final UInt value = reg(uint(8)).init(0);

        Counter() {
            when(enable, () -> value.assign(value.plusMod(1)));
            count.assign(value);
        }
    }

    static final class Mac extends Component {
        final SInt a = in(sint(8));
        final SInt b = in(sint(8));
        final Bool clear = in(bool());
        final SInt sum = out(sint(24));
        private final SInt psum = reg(sint(24), 0);

        Mac() {
            when(clear, () -> psum.assign(0)).otherwise(() -> psum.assign(psum.plusMod(a.times(b))));
            sum.assign(psum);
        }
    }

    /** The text without its first line, which names the source. */
    private static String text(java.util.function.Supplier<? extends Component> top) {
        String text = SystemVerilog.text(Elaboration.of(top));
        return text.substring(text.indexOf('\n') + 1);
    }

    @Test
    void aCounterPrintsAsSomebodyWouldWriteIt() {
        assertEquals("""
                module Counter (
                  input  logic clock,
                  input  logic reset,
                  input  logic enable,
                  output logic [7:0] count
                );

                  logic [7:0] value;

                  assign count = value;

                  always_ff @(posedge clock) begin
                    if (reset) begin
                      value <= 8'd0;
                    end else begin
                      if (enable) begin
                        value <= value + 8'd1;
                      end
                    end
                  end
                endmodule
                """, text(Counter::new));
    }

    @Test
    void aProductIsPrintedInItsFullWidth() {
        assertEquals("""
                module Mac (
                  input  logic clock,
                  input  logic reset,
                  input  logic signed [7:0] a,
                  input  logic signed [7:0] b,
                  input  logic clear,
                  output logic signed [23:0] sum
                );

                  logic signed [23:0] psum;

                  assign sum = psum;

                  always_ff @(posedge clock) begin
                    if (reset) begin
                      psum <= 24'sd0;
                    end else begin
                      if (clear) begin
                        psum <= 24'sd0;
                      end else begin
                        psum <= psum + 24'(16'(a) * 16'(b));
                      end
                    end
                  end
                endmodule
                """, text(Mac::new));
    }
}
