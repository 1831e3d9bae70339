// dividend / 2^(LEAST + amount) to nearest, ties to even; then limited to the integers of BITS bits or, where POWER is
// defined, to 2^BITS. The quotient is written down with all of its fraction, and compared with a half.
module check (
  input logic clock,
  input logic signed [`DIVIDEND - 1:0] dividend,
  input logic [`AMOUNT - 1:0] amount
);
  localparam FRACTION = `LEAST + (1 << `AMOUNT) - 1;
  localparam WIDTH = `DIVIDEND + FRACTION;
  localparam [FRACTION - 1:0] HALF = {1'b1, {FRACTION - 1{1'b0}}};

  logic ready, valid;
  logic signed [`RESULT - 1:0] result;
  Rounding dut (
    .clock(clock), .reset(1'b0),
    .input_valid(1'b1), .input_ready(ready),
    .input_payload_first(dividend), .input_payload_second(amount),
    .output_valid(valid), .output_ready(1'b1), .output_payload(result));

  logic signed [`DIVIDEND - 1:0] dividend_then [0:`CLOCKS];
  logic [`AMOUNT - 1:0] amount_then [0:`CLOCKS];
  assign dividend_then[0] = dividend;
  assign amount_then[0] = amount;
  generate for (genvar i = 0; i < `CLOCKS; i++) begin
    always_ff @(posedge clock) begin
      dividend_then[i + 1] <= dividend_then[i];
      amount_then[i + 1] <= amount_then[i];
    end
  end endgenerate

  wire signed [WIDTH - 1:0] raised = $signed({dividend_then[`CLOCKS], {FRACTION{1'b0}}});
  wire signed [WIDTH - 1:0] exact = raised >>> (`LEAST + amount_then[`CLOCKS]);
  wire signed [`DIVIDEND:0] whole = $signed(exact[WIDTH - 1:FRACTION]);
  wire [FRACTION - 1:0] fraction = exact[FRACTION - 1:0];
  wire up = fraction > HALF || (fraction == HALF && whole[0]);
  wire signed [`DIVIDEND:0] rounded = up ? whole + 1 : whole;
`ifdef POWER
  localparam signed [`DIVIDEND:0] HIGHEST = 1 <<< `BITS;
  localparam signed [`DIVIDEND:0] LOWEST = 0;
`else
  localparam signed [`DIVIDEND:0] HIGHEST = (1 <<< (`BITS - 1)) - 1;
  localparam signed [`DIVIDEND:0] LOWEST = -(1 <<< (`BITS - 1));
`endif
  wire signed [`DIVIDEND:0] expected = rounded > HIGHEST ? HIGHEST : rounded < LOWEST ? LOWEST : rounded;
  wire signed [`DIVIDEND:0] extended = result;
  always_comb begin
`ifdef POWER
    assume (dividend >= 0);
`endif
    assert (extended == expected);
  end
endmodule
