/** The hardware side: integer arithmetic of the units, accelerator programs and the templates that print them. */
package tilewright.hw;
