/** HLS C++: the headers that stand in for the vendor's, the emission of designs and the check of their pragmas. */
package tilewright.hw.hls;
