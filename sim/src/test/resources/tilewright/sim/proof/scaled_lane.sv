// A weight of its code: minimum + round(code * scale / 256), ties to even, limited to a byte.
module check (
  input logic clock,
  input logic [7:0] code,
  input logic [15:0] scale,
  input logic signed [7:0] minimum
);
  logic signed [7:0] weight;
  ScaledLane dut (
    .clock(clock), .code(code), .scale(scale), .minimum(minimum), .moves(1'b1), .weight(weight));

  // The product of the registered operands is taken as it is.
  logic [7:0] code_1;
  logic [15:0] scale_1;
  logic [23:0] product_then [1:5];
  logic signed [7:0] minimum_then [0:5];
  assign product_then[1] = code_1 * scale_1;
  assign minimum_then[0] = minimum;
  always_ff @(posedge clock) begin
    code_1 <= code;
    scale_1 <= scale;
  end
  generate for (genvar i = 0; i < 5; i++) begin
    always_ff @(posedge clock) begin
      minimum_then[i + 1] <= minimum_then[i];
      if (i > 0) product_then[i + 1] <= product_then[i];
    end
  end endgenerate

  wire [23:0] product = product_then[5];
  wire [16:0] whole = product / 256;
  wire [7:0] fraction = product % 256;
  wire up = fraction > 128 || (fraction == 128 && whole % 2 == 1);
  wire signed [19:0] sum = $signed({1'b0, whole}) + minimum_then[5] + $signed({1'b0, up});
  wire signed [19:0] expected = sum > 127 ? 127 : sum < -128 ? -128 : sum;
  wire signed [19:0] extended = weight;
  always_comb assert (extended == expected);
endmodule
