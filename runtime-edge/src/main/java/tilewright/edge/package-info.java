/** What runs on a device: executors of model graphs. */
package tilewright.edge;
