/** The rules that only a whole design can be held to: loops, clock crossings, handshakes, unused inputs. */
package tilewright.hw.lang.check;
