// The product of two integers.
module check (
  input logic clock,
  input logic signed [`FIRST - 1:0] first,
  input logic signed [`SECOND - 1:0] second
);
  logic ready, valid;
  logic signed [`FIRST + `SECOND - 1:0] result;
  Multiplication dut (
    .clock(clock), .reset(1'b0),
    .input_valid(1'b1), .input_ready(ready),
    .input_payload_first(first), .input_payload_second(second),
    .output_valid(valid), .output_ready(1'b1), .output_payload(result));

  logic signed [`FIRST + `SECOND - 1:0] product [0:`CLOCKS];
  assign product[0] = first * second;
  generate for (genvar i = 0; i < `CLOCKS; i++) begin
    always_ff @(posedge clock) product[i + 1] <= product[i];
  end endgenerate
  always_comb assert (result == product[`CLOCKS]);
endmodule
