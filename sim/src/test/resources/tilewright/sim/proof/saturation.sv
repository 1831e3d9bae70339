// An integer of FROM bits limited to the integers of TO bits; a natural number likewise.
module check (
  input logic signed [`FROM - 1:0] value,
  input logic [`FROM - 1:0] natural_value
);
  logic signed [`TO - 1:0] limited;
  logic [`TO - 1:0] natural_limited;
  Saturation dut (
    .value(value), .limited(limited),
    .naturalValue(natural_value), .naturalLimited(natural_limited));

  localparam signed [`FROM - 1:0] HIGHEST = (1 <<< (`TO - 1)) - 1;
  localparam signed [`FROM - 1:0] LOWEST = -(1 <<< (`TO - 1));
  localparam [`FROM - 1:0] NATURAL_HIGHEST = (1 << `TO) - 1;
  wire signed [`FROM - 1:0] expected = value > HIGHEST ? HIGHEST : value < LOWEST ? LOWEST : value;
  wire [`FROM - 1:0] natural_expected = natural_value > NATURAL_HIGHEST ? NATURAL_HIGHEST : natural_value;
  wire signed [`FROM - 1:0] extended = limited;
  wire [`FROM - 1:0] natural_extended = natural_limited;
  always_comb begin
    assert (extended == expected);
    assert (natural_extended == natural_expected);
  end
endmodule
