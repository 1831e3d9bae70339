/** What the machine is and what about it costs speed. */
package tilewright.compiler.machine;
