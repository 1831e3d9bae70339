/** The router and the dispatcher: which experts a token goes to, and which tokens an expert gets. */
package tilewright.hw.unit.routing;
