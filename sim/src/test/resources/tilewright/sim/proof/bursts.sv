// Transfers of words of BYTES bytes as bursts: the words in order and each once, at most BURST to a burst, none across a
// multiple of BURST words, and so none across 4 096 bytes, which AXI forbids.
module check (
  input logic clock,
  input logic offered,
  input logic [`ADDRESS - 1:0] address,
  input logic [23:0] words,
  input logic ready
);
  logic started = 1'b0;
  always_ff @(posedge clock) started <= 1'b1;

  logic taken, valid, last;
  logic [`ADDRESS - 1:0] begins;
  logic [7:0] length;
  BurstSplitter dut (
    .clock(clock), .reset(!started),
    .transfers_valid(offered), .transfers_ready(taken),
    .transfers_payload_address(address), .transfers_payload_words(words),
    .bursts_valid(valid), .bursts_ready(ready),
    .bursts_payload_address(begins), .bursts_payload_length(length), .bursts_payload_last(last));

  // What is left of the transfer.
  logic busy = 1'b0;
  logic [`ADDRESS - 1:0] next;
  logic [24:0] left;
  wire [12:0] room = `BURST - next / `BYTES % `BURST;
  wire [24:0] count = left < room ? left : room;
  always_ff @(posedge clock) begin
    if (started && !busy && offered) begin
      busy <= 1'b1;
      next <= address;
      left <= words;
    end else if (busy && ready) begin
      busy <= left != count;
      next <= next + `BYTES * count;
      left <= left - count;
    end
  end

  // What induction needs besides: the registers agree with what is left.
  (* hierconn *) wire [23:0] \dut.remaining ;
  (* hierconn *) wire [`ROOM_BITS - 1:0] \dut.room ;
  wire [`ADDRESS - 1:0] final_byte = next + `BYTES * count - 1;
  always_comb begin
    assume (words != 0 && address % `BYTES == 0);
    if (started) begin
      assert (taken == !busy);
      assert (valid == busy);
    end
    if (started && busy) begin
      assert (begins == next);
      assert (length + 1 == count);
      assert (last == (count == left));
      assert (next / 4096 == final_byte / 4096);
      assert (next % `BYTES == 0 && left != 0 && left < 1 << 24);
      assert (\dut.remaining == left);
      assert (\dut.room == room);
    end
  end
endmodule
