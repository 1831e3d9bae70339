/** The executor that is always there: float32 on the JDK's Vector API, one file per kernel. */
package tilewright.edge.vector;
