/** The report of a build: one self-contained HTML page with the plan, its estimates and what was measured. */
package tilewright.compiler.report;
