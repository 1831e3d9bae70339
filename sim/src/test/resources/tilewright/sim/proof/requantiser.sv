// round(value * multiplier / 2^shift), ties to even, limited to BITS bits. The four products of the factors' digits are
// taken as they are (product.sv says that a product is that of its digits); all that follows is from the definition.
module check (
  input logic clock,
  input logic signed [`VALUE - 1:0] value,
  input logic [30:0] multiplier,
  input logic [6:0] shift
);
  localparam MOST_SHIFT = 95;
  localparam HIGH = `VALUE - `WIDE;
  localparam [MOST_SHIFT - 1:0] HALF = {1'b1, {MOST_SHIFT - 1{1'b0}}};

  logic valid, ready;
  logic signed [`BITS - 1:0] result;
  RequantizerUnit dut (
    .clock(clock), .reset(1'b0),
    .input_valid(1'b1), .input_ready(ready),
    .input_payload_value(value), .input_payload_multiplier(multiplier), .input_payload_shift(shift),
    .output_valid(valid), .output_ready(1'b1), .output_payload(result));

  wire signed [`WIDE:0] value_low = $signed({1'b0, value[`WIDE - 1:0]});
  wire signed [HIGH - 1:0] value_high = $signed(value[`VALUE - 1:`WIDE]);
  wire signed [17:0] multiplier_low = $signed({1'b0, multiplier[16:0]});
  wire signed [14:0] multiplier_high = $signed({1'b0, multiplier[30:17]});
  wire signed [`WIDE + 18:0] low_low = value_low * multiplier_low;
  wire signed [HIGH + 17:0] high_low = value_high * multiplier_low;
  wire signed [`WIDE + 15:0] low_high = value_low * multiplier_high;
  wire signed [HIGH + 14:0] high_high = value_high * multiplier_high;
  wire signed [`WIDE + 33:0] low = low_low + $signed({low_high, 17'd0});
  wire signed [HIGH + 32:0] high = high_low + $signed({high_high, 17'd0});
  wire signed [`VALUE + 33:0] product = low + $signed({high, {`WIDE{1'b0}}});

  logic signed [`VALUE + 33:0] product_then [0:7];
  logic [6:0] shift_then [0:7];
  assign product_then[0] = product;
  assign shift_then[0] = shift;
  generate for (genvar i = 0; i < 7; i++) begin
    always_ff @(posedge clock) begin
      product_then[i + 1] <= product_then[i];
      shift_then[i + 1] <= shift_then[i];
    end
  end endgenerate

  wire signed [`VALUE + MOST_SHIFT + 33:0] exact = $signed({product_then[7], {MOST_SHIFT{1'b0}}}) >>> shift_then[7];
  wire signed [`VALUE + 34:0] whole = $signed(exact[`VALUE + MOST_SHIFT + 33:MOST_SHIFT]);
  wire [MOST_SHIFT - 1:0] fraction = exact[MOST_SHIFT - 1:0];
  wire up = fraction > HALF || (fraction == HALF && whole[0]);
  wire signed [`VALUE + 34:0] rounded = up ? whole + 1 : whole;
  localparam signed [`VALUE + 34:0] HIGHEST = {`BITS - 1{1'b1}};
  localparam signed [`VALUE + 34:0] LOWEST = -HIGHEST - 1;
  wire signed [`VALUE + 34:0] expected = rounded > HIGHEST ? HIGHEST : rounded < LOWEST ? LOWEST : rounded;
  wire signed [`VALUE + 34:0] extended = result;
  always_comb begin
    assume (shift <= MOST_SHIFT);
    assert (extended == expected);
  end
endmodule
