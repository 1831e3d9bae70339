/** What crosses modules: dependency directions, the command line from outside, benchmarks. */
package tilewright.tests;
