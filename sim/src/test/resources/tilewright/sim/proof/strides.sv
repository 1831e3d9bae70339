// The rows of a block: the first at its address, each other a stride behind the one before, modulo the range of addresses;
// as many as the block says, and as long.
module check (
  input logic clock,
  input logic offered,
  input logic [`ADDRESS - 1:0] address,
  input logic [23:0] words,
  input logic [15:0] rows,
  input logic [`ADDRESS - 1:0] stride,
  input logic ready
);
  logic started = 1'b0;
  always_ff @(posedge clock) started <= 1'b1;

  logic taken, valid;
  logic [`ADDRESS - 1:0] begins;
  logic [23:0] length;
  StridedTransfers dut (
    .clock(clock), .reset(!started),
    .blocks_valid(offered), .blocks_ready(taken),
    .blocks_payload_address(address), .blocks_payload_words(words),
    .blocks_payload_rows(rows), .blocks_payload_stride(stride),
    .transfers_valid(valid), .transfers_ready(ready),
    .transfers_payload_address(begins), .transfers_payload_words(length));

  logic busy = 1'b0;
  logic [`ADDRESS - 1:0] block_stride, next;
  logic [23:0] block_words;
  logic [15:0] block_rows, row;
  always_ff @(posedge clock) begin
    if (started && !busy && offered) begin
      busy <= 1'b1;
      next <= address;
      block_stride <= stride;
      block_words <= words;
      block_rows <= rows;
      row <= 16'd0;
    end else if (busy && ready) begin
      busy <= row != block_rows - 16'd1;
      row <= row + 16'd1;
      next <= next + block_stride;
    end
  end

  // What induction needs besides: the registers agree with the block.
  (* hierconn *) wire [15:0] \dut.left ;
  (* hierconn *) wire [`ADDRESS - 1:0] \dut.stride ;
  always_comb begin
    assume (rows != 0);
    if (started) begin
      assert (taken == !busy);
      assert (valid == busy);
    end
    if (started && busy) begin
      assert (begins == next);
      assert (length == block_words);
      assert (row < block_rows);
      assert (\dut.left == block_rows - 16'd1 - row);
      assert (\dut.stride == block_stride);
    end
  end
endmodule
