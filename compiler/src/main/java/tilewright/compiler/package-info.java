/** The compiler: passes, calibration, planning, emission, reports and the command line. */
package tilewright.compiler;
